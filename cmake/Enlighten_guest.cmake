# SPDX-License-Identifier: MIT
# How code for an image is compiled, and enlighten_add_guest(), which links one. Used by this tree and by an installed copy.
#
# Before: ENLIGHTEN_ARCH and ENLIGHTEN_TRIPLE from a toolchain file; ENLIGHTEN_LIBCXX, the folder of headers that go
# before libstdc++'s, and ENLIGHTEN_LINKER_SCRIPT from whoever includes this, in the folder of project().

# The headers of picolibc and libstdc++ in place of the compiler's own search path, which would find glibc's.
find_path(ENLIGHTEN_PICOLIBC_INCLUDE picolibc.h PATHS /usr/lib/picolibc/${ENLIGHTEN_TRIPLE}/include NO_DEFAULT_PATH)
find_library(ENLIGHTEN_PICOLIBC_LIBRARY c PATHS /usr/lib/picolibc/${ENLIGHTEN_TRIPLE}/lib NO_DEFAULT_PATH)
find_path(ENLIGHTEN_LIBSTDCXX_INCLUDE expected PATHS /usr/${ENLIGHTEN_TRIPLE}/include/c++/12 NO_DEFAULT_PATH)
find_program(ENLIGHTEN_OBJCOPY ${ENLIGHTEN_TRIPLE}-objcopy)
# Linking is GNU ld's work whichever compiler made the objects.
find_program(ENLIGHTEN_LINKER_DRIVER ${ENLIGHTEN_TRIPLE}-gcc-12)

function(enlighten_require variable package)
  if(NOT ${variable})
    message(FATAL_ERROR "Images for ${ENLIGHTEN_ARCH} need Debian's ${package}: apt-get install ${package}")
  endif()
endfunction()
enlighten_require(ENLIGHTEN_PICOLIBC_INCLUDE picolibc-${ENLIGHTEN_TRIPLE})
enlighten_require(ENLIGHTEN_PICOLIBC_LIBRARY picolibc-${ENLIGHTEN_TRIPLE})
enlighten_require(ENLIGHTEN_LIBSTDCXX_INCLUDE g++-12-${ENLIGHTEN_TRIPLE})
enlighten_require(ENLIGHTEN_OBJCOPY binutils-${ENLIGHTEN_TRIPLE})
enlighten_require(ENLIGHTEN_LINKER_DRIVER gcc-12-${ENLIGHTEN_TRIPLE})

function(enlighten_compiler_path result question)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${question} OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  set(${result} ${path} PARENT_SCOPE)
endfunction()

if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  enlighten_compiler_path(resources -print-resource-dir)
  set(compiler_include ${resources}/include)
else()
  enlighten_compiler_path(compiler_include -print-file-name=include)
endif()
execute_process(COMMAND ${ENLIGHTEN_LINKER_DRIVER} -print-libgcc-file-name OUTPUT_VARIABLE ENLIGHTEN_LIBGCC
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)

add_library(enlighten_guest_options INTERFACE)
target_compile_features(enlighten_guest_options INTERFACE cxx_std_23)
target_compile_options(enlighten_guest_options INTERFACE
  -fpie -ffunction-sections -fdata-sections -fno-omit-frame-pointer -fno-stack-protector -fvisibility=hidden
  -fno-asynchronous-unwind-tables -fno-unwind-tables -g
  $<$<COMPILE_LANGUAGE:C,CXX>:-nostdinc>
  $<$<COMPILE_LANGUAGE:CXX>:-nostdinc++ -fno-exceptions -fno-rtti -fno-threadsafe-statics -fvisibility-inlines-hidden
    -isystem${ENLIGHTEN_LIBCXX}
    -isystem${ENLIGHTEN_LIBSTDCXX_INCLUDE} -isystem${ENLIGHTEN_LIBSTDCXX_INCLUDE}/${ENLIGHTEN_TRIPLE}>
  $<$<COMPILE_LANGUAGE:C,CXX>:-isystem${compiler_include} -isystem${ENLIGHTEN_PICOLIBC_INCLUDE}>
  $<$<STREQUAL:${CMAKE_SYSTEM_PROCESSOR},aarch64>:-march=armv8-a -mno-outline-atomics>)

# enlighten_add_guest(NAME source... [FLOAT_PRINTF] [NO_TRACE])
# NAME: the program as ELF, with symbols, linked at address 0. NAME.img beside it: the flat image that boots.
# Sources may be C++, C and assembly. Libraries of the program's own link enlighten::runtime, for headers and options.
# FLOAT_PRINTF: printf() knows %f, %e and %g, for some 5 KiB more.
# NO_TRACE: `enlighten run --trace` shows nothing of it, and it is smaller for it. What would record is one instruction that
# returns, and what would have to be called never is.
function(enlighten_add_guest name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "FLOAT_PRINTF;NO_TRACE" "" "")
  set(languages C ASM)
  set(extensions c S)
  foreach(language extension IN ZIP_LISTS languages extensions)
    # CMake leaves such a file out without a word.
    if(NOT CMAKE_${language}_COMPILER_LOADED AND "${arg_UNPARSED_ARGUMENTS}" MATCHES "\\.${extension}(;|$)")
      message(FATAL_ERROR "enlighten_add_guest(${name}): project() does not enable ${language}, which *.${extension} needs")
    endif()
  endforeach()
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE enlighten::runtime enlighten_guest_options)
  if(NOT arg_FLOAT_PRINTF)
    target_link_options(${name} PRIVATE -Wl,--defsym=vfprintf=__i_vfprintf)
  endif()
  if(arg_NO_TRACE)
    foreach(function trace trace_hypercall trace_start trace_write trace_write_last trace_work trace_coroutine)
      target_link_options(${name} PRIVATE -Wl,--defsym=enlighten_${function}=enlighten_no_trace)
    endforeach()
  endif()
  # Linked as C++, by the rule below, whatever the sources are.
  set_target_properties(${name} PROPERTIES LINK_DEPENDS ${ENLIGHTEN_LINKER_SCRIPT} LINKER_LANGUAGE CXX)
  set(folder ${CMAKE_CURRENT_BINARY_DIR})
  if(CMAKE_RUNTIME_OUTPUT_DIRECTORY)
    set(folder ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  endif()
  add_custom_command(TARGET ${name} POST_BUILD
    COMMAND ${ENLIGHTEN_OBJCOPY} -O binary $<TARGET_FILE:${name}> $<TARGET_FILE:${name}>.img
    BYPRODUCTS ${folder}/${name}.img VERBATIM)
endfunction()

# The link line: static, position independent, no library of the host's. The linker's other way around Cortex-A53's
# erratum 843419 would put a page of nothing behind the code; for an image beyond 1 MiB, where this way may not reach, it
# stops and names the other one, which target_link_options() can still ask for.
set(CMAKE_CXX_LINK_EXECUTABLE
  "${ENLIGHTEN_LINKER_DRIVER} -static-pie -nostdlib -Wl,--no-dynamic-linker,-z,text,-z,defs,-z,max-page-size=4096,-z,norelro \
-Wl,--fix-cortex-a53-843419=adr,--gc-sections,--build-id=none,--fatal-warnings,--no-warn-rwx-segments -Wl,-T,\"${ENLIGHTEN_LINKER_SCRIPT}\" \
-Wl,-Map,<TARGET>.map -Wl,-u,sbrk <LINK_FLAGS> <OBJECTS> -o <TARGET> -Wl,--start-group <LINK_LIBRARIES> \"${ENLIGHTEN_PICOLIBC_LIBRARY}\" \"${ENLIGHTEN_LIBGCC}\" -Wl,--end-group")
