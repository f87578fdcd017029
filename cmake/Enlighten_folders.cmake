# SPDX-License-Identifier: MIT
# A top folder is one target that exposes only its own headers: what it may include is what it links.

add_library(enlighten_options INTERFACE)
target_compile_features(enlighten_options INTERFACE cxx_std_23)
target_compile_options(enlighten_options INTERFACE
  $<$<COMPILE_LANGUAGE:C,CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wundef -Wformat=2
    -Wdouble-promotion -Wimplicit-fallthrough -Werror>
  $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual>)

# enlighten_folder(NAME [SOURCES source...] [DEPENDS folder...] [PARTS part...])
# The folder NAME as target enlighten::NAME, its public headers below include/, or below include/ of each part.
function(enlighten_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;PARTS")
  list(TRANSFORM arg_DEPENDS PREPEND enlighten::)
  set(includes include)
  if(arg_PARTS)
    list(TRANSFORM arg_PARTS APPEND /include OUTPUT_VARIABLE includes)
  endif()
  list(TRANSFORM includes REPLACE "(.+)" "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/\\1>")
  if(arg_SOURCES)
    add_library(enlighten_${name} STATIC ${arg_SOURCES})
    target_include_directories(enlighten_${name} PUBLIC ${includes})
    target_link_libraries(enlighten_${name} PUBLIC ${arg_DEPENDS} PRIVATE $<BUILD_INTERFACE:enlighten_options>)
    target_compile_features(enlighten_${name} PUBLIC cxx_std_23)
    # Without vector registers, which nothing here needs, structures are set and copied by smaller code.
    target_compile_options(enlighten_${name} PRIVATE $<$<STREQUAL:${ENLIGHTEN_ARCH},aarch64>:-mgeneral-regs-only>)
  else()
    add_library(enlighten_${name} INTERFACE)
    target_include_directories(enlighten_${name} INTERFACE ${includes})
    # Of base, which all depend on, everything has a guest's options.
    target_link_libraries(enlighten_${name} INTERFACE ${arg_DEPENDS}
      $<BUILD_INTERFACE:$<TARGET_NAME_IF_EXISTS:enlighten_guest_options>>)
    target_compile_features(enlighten_${name} INTERFACE cxx_std_23)
  endif()
  add_library(enlighten::${name} ALIAS enlighten_${name})
  # Of a host build, only the command is installed.
  if(NOT ENLIGHTEN_ARCH STREQUAL hosted)
    enlighten_install_folder(${name} ${arg_PARTS})
  endif()
endfunction()

# enlighten_tests_folders(TARGET folder...)
# Notes for `enlighten coverage` that the program TARGET was written to test these folders.
function(enlighten_tests_folders target)
  list(JOIN ARGN "," folders)
  set_property(GLOBAL APPEND_STRING PROPERTY ENLIGHTEN_TEST_PROGRAMS "${target}\t$<TARGET_FILE:${target}>\t${folders}\n")
endfunction()

# What ThreadSanitizer's build makes and runs: programs with several threads, their tests labelled unit-threads.
if(ENLIGHTEN_TESTS AND NOT TARGET threads_tests)
  add_custom_target(threads_tests)
endif()

# The testing library's headers, read once for all test programs of the same options: more than half of what compiling a
# test takes.
function(enlighten_test_headers name)
  if(TARGET ${name})
    return()
  endif()
  set(source ${PROJECT_BINARY_DIR}/${name}.cpp)
  file(GENERATE OUTPUT ${source} CONTENT "// SPDX-License-Identifier: MIT\n")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE enlighten_options GTest::gmock)
  target_compile_options(${name} PRIVATE ${ARGN})
  target_precompile_headers(${name} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
endfunction()

# enlighten_unit_test(NAME source... [THREADS] [OPTIMISED] DEPENDS folder...)
# A GoogleTest program that runs on the host, one CTest test a TEST(). THREADS: it has several. OPTIMISED: it spends its
# time in code of its own. Nothing on a guest build.
function(enlighten_unit_test name)
  if(NOT ENLIGHTEN_TESTS OR NOT ENLIGHTEN_ARCH STREQUAL hosted)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "THREADS;OPTIMISED" "" "DEPENDS;LIBRARIES")
  set(folders ${arg_DEPENDS})
  list(TRANSFORM arg_DEPENDS PREPEND enlighten::)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} ${arg_LIBRARIES} enlighten_options GTest::gmock_main)
  enlighten_tests_folders(${name} ${folders})
  # Headers are read with the options they are used with.
  if(arg_OPTIMISED)
    target_compile_options(${name} PRIVATE ${ENLIGHTEN_OPTIMISED})
    set(headers enlighten_test_headers_optimised)
    enlighten_test_headers(${headers} ${ENLIGHTEN_OPTIMISED})
  else()
    set(headers enlighten_test_headers)
    enlighten_test_headers(${headers})
  endif()
  target_precompile_headers(${name} REUSE_FROM ${headers})
  set(label unit)
  if(arg_THREADS)
    set(label unit-threads)
    add_dependencies(threads_tests ${name})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${label})
endfunction()
