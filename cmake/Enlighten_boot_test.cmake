# SPDX-License-Identifier: MIT
# Tests that boot an image with the enlighten command and look at its exit code and at what it prints.

# enlighten_boot_test(NAME IMAGE image EXIT code [ARGS argument...] [MATCH regex...] [NOT_MATCH regex...])
# IMAGE is a path below the folder of the guest images' build (preset aarch64): examples/smp/smp.img. ARGS are handed to
# `enlighten run`. Each regex is one of grep -E for a line of the output; as items of a CMake list they have no semicolon and
# no bracket without its partner.
function(enlighten_boot_test name)
  if(NOT ENLIGHTEN_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "IMAGE;EXIT" "ARGS;MATCH;NOT_MATCH")
  if(arg_UNPARSED_ARGUMENTS OR NOT DEFINED arg_IMAGE OR NOT DEFINED arg_EXIT)
    message(FATAL_ERROR "enlighten_boot_test(${name}): needs IMAGE and EXIT, and knows no ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set(expectations)
  foreach(regex IN LISTS arg_MATCH)
    list(APPEND expectations --match ${regex})
  endforeach()
  foreach(regex IN LISTS arg_NOT_MATCH)
    list(APPEND expectations --not-match ${regex})
  endforeach()
  add_test(NAME ${name}
    COMMAND ${PROJECT_SOURCE_DIR}/tests/boot/boot_test.sh --logs ${CMAKE_CURRENT_BINARY_DIR}/${name} --exit ${arg_EXIT}
      ${expectations} -- ${arg_IMAGE} ${arg_ARGS})
  enlighten_is_boot_test(${name})
endfunction()

# What every test that boots a machine has in common. A boot keeps two processors busy: others next to it would only
# make both slow.
function(enlighten_is_boot_test name)
  set_tests_properties(${name} PROPERTIES LABELS boot TIMEOUT 240 RUN_SERIAL ON)
endfunction()
