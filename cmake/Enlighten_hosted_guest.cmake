# SPDX-License-Identifier: MIT
# enlighten_add_guest() of a host build: the program and the modelled Xen it runs on are one executable.

# enlighten_add_guest(NAME source... [FLOAT_PRINTF] [NO_TRACE])
# The same call as for an image; either word changes nothing. NAME --help tells what the executable can be told.
function(enlighten_add_guest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "FLOAT_PRINTF;NO_TRACE" "" "")
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE enlighten::runtime enlighten_guest_program enlighten_options)
  # A coroutine that goes on in another one must leave the stack: GCC has it do so as an optimization only.
  target_compile_options(${name} PRIVATE -O1 -foptimize-sibling-calls)
  # The program's main() is not the process's: the model's comes first, and the runtime calls the program's. What the
  # libraries before ask of the runtime is named, since the linker goes through them once.
  target_link_options(${name} PRIVATE -Wl,--wrap=main -Wl,-u,enlighten_start
    -Wl,-u,enlighten_redirect_standard_output)
  # Half of what starting such a program takes would be finding its libraries. Sanitizers' own cannot be linked so.
  if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
    target_link_options(${name} PRIVATE -static-pie)
  endif()
endfunction()
