# SPDX-License-Identifier: MIT
# Programs for the Linux that is domain 0 of a boot with xl, which is Debian's for arm64.
#
# The target dom0_programs makes them, with Debian's cross compiler, whatever the rest of the build is for; it is not a
# part of `all`. So that clang-tidy reads them as it reads everything, and their warnings are errors, each stands in the
# build's compile commands, too, as an object of the host's that nothing builds.

set(ENLIGHTEN_DOM0_COMPILER aarch64-linux-gnu-g++-12 CACHE STRING "What compiles programs for domain 0")
set(cache $ENV{XDG_CACHE_HOME})
if(NOT cache)
  set(cache $ENV{HOME}/.cache)
endif()
set(ENLIGHTEN_ARM64_PACKAGES ${cache}/enlighten/packages/arm64
  CACHE PATH "Debian's packages for arm64, unpacked by the enlighten command, with the libraries that domain 0 has")
unset(cache)
if(NOT TARGET dom0_programs)
  add_custom_target(dom0_programs)
endif()

# enlighten_dom0_program(NAME source... [LIBRARIES package/library...])
# NAME of the current binary folder: a program for domain 0, by itself or with shared libraries of Xen's that domain 0
# has, such as libxenmisc4.17/libxenvchan.so.4.17; those have their headers from the host's libxen-dev.
function(enlighten_dom0_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES")
  set(options -std=c++23 -O1 -g1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2
    -Wold-style-cast -Werror)
  # What such a program has in common with the image whose peer it is.
  list(APPEND options -I${PROJECT_SOURCE_DIR}/tests/include)
  if(arg_LIBRARIES)
    # Behind everything of the cross compiler's, or they would be the host's own C library's.
    list(APPEND options -idirafter /usr/include)
    # What a library needs in turn is for domain 0 to have.
    set(links -static-libstdc++ -static-libgcc -Wl,--allow-shlib-undefined)
    list(TRANSFORM arg_LIBRARIES REPLACE "(.+)/(.+)" "${ENLIGHTEN_ARM64_PACKAGES}/\\1/usr/lib/aarch64-linux-gnu/\\2")
  else()
    set(links -static)
  endif()
  set(objects)
  foreach(source IN LISTS arg_UNPARSED_ARGUMENTS)
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    cmake_path(GET source FILENAME object)
    set(object ${name}.dir/${object}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${name}.dir
      COMMAND ${ENLIGHTEN_DOM0_COMPILER} ${options} -MD -MF ${object}.d -MT ${object} -c ${source} -o ${object}
      DEPENDS ${source} DEPFILE ${CMAKE_CURRENT_BINARY_DIR}/${object}.d
      COMMENT "Compiling ${object} for domain 0" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_custom_command(OUTPUT ${name}
    COMMAND ${ENLIGHTEN_DOM0_COMPILER} ${objects} ${arg_LIBRARIES} ${links} -o ${name}
    DEPENDS ${objects} ${arg_LIBRARIES}
    COMMENT "Linking ${name} for domain 0" VERBATIM)
  add_custom_target(${name}_of_dom0 DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/${name})
  add_dependencies(dom0_programs ${name}_of_dom0)
  add_library(${name}_as_read OBJECT EXCLUDE_FROM_ALL ${arg_UNPARSED_ARGUMENTS})
  target_include_directories(${name}_as_read PRIVATE ${PROJECT_SOURCE_DIR}/tests/include)
  target_link_libraries(${name}_as_read PRIVATE enlighten_options)
endfunction()
