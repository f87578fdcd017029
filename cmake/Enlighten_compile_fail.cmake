# SPDX-License-Identifier: MIT
# Tests that wrong code does not compile: a source file with one `#ifdef CASE` block for each mistake.

# enlighten_does_not_compile_test(NAME file.cpp CASE case EXPECT regex [CASE case EXPECT regex]... DEPENDS folder...)
# As it is the file must compile; with each case defined it must not, and the compiler's words must match the case's
# regex (CMake's kind; it has to suit GCC and clang). So a case cannot pass because of a mistyped name.
function(enlighten_does_not_compile_test name file)
  if(NOT ENLIGHTEN_TESTS)
    return()
  endif()
  set(cases)
  set(expectations)
  set(folders)
  set(reading)
  foreach(word IN LISTS ARGN)
    if(word MATCHES "^(CASE|EXPECT|DEPENDS)$")
      set(reading ${word})
    elseif(reading STREQUAL CASE)
      list(APPEND cases ${word})
    elseif(reading STREQUAL EXPECT)
      list(APPEND expectations "${word}")
    elseif(reading STREQUAL DEPENDS)
      list(APPEND folders enlighten::${word})
    else()
      message(FATAL_ERROR "enlighten_does_not_compile_test(${name}): ${word} stands before any CASE")
    endif()
  endforeach()
  list(LENGTH cases case_count)
  list(LENGTH expectations expectation_count)
  if(case_count EQUAL 0 OR NOT case_count EQUAL expectation_count)
    message(FATAL_ERROR "enlighten_does_not_compile_test(${name}): needs CASE and EXPECT in pairs")
  endif()

  # Never built: it knows the options that its links bring with them.
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${file})
  target_link_libraries(${name} PRIVATE ${folders} enlighten_options)
  set(compile ${CMAKE_CXX_COMPILER} -std=c++23 -fsyntax-only
    "-I$<JOIN:$<TARGET_PROPERTY:${name},INCLUDE_DIRECTORIES>,$<SEMICOLON>-I>" "$<TARGET_PROPERTY:${name},COMPILE_OPTIONS>"
    ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  separate_arguments(flags NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
  add_test(NAME ${name}.compiles_without_a_mistake COMMAND ${compile} ${flags} COMMAND_EXPAND_LISTS)
  set_tests_properties(${name}.compiles_without_a_mistake PROPERTIES LABELS "unit;compile_fail")
  foreach(case expectation IN ZIP_LISTS cases expectations)
    add_test(NAME ${name}.${case}
      COMMAND ${CMAKE_COMMAND} "-DEXPECT=${expectation}" -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/Expect_compile_error.cmake
        -- ${compile} ${flags} -D${case}
      COMMAND_EXPAND_LISTS)
    set_tests_properties(${name}.${case} PROPERTIES LABELS "unit;compile_fail")
  endforeach()
endfunction()
