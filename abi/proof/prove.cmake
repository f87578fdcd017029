# SPDX-License-Identifier: MIT
# Compiles the facts twice, as Xen's headers have them and as ours, and compares the two lists line by line.
#
# cmake -D XEN_COMPILER=command -D OUR_COMPILER=command -D OUT=folder -P prove.cmake
# (each command a list: the compiler and its flags)
cmake_minimum_required(VERSION 3.25)

# The facts one compiler states, as lines "name = number".
function(facts result source output)
  execute_process(COMMAND ${ARGN} -S -o ${output} ${CMAKE_CURRENT_LIST_DIR}/${source}
                  RESULT_VARIABLE failed ERROR_VARIABLE errors)
  if(failed)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${source} does not compile (${failed}) with: ${command}\n${errors}")
  endif()
  file(STRINGS ${output} assembly REGEX "\\.ascii.*\"fact [^\"]*\"")
  set(facts "")
  foreach(line IN LISTS assembly)
    string(REGEX MATCH "\"fact (.*) = ([0-9]+) ([0-9]+) ([0-9]+) ([0-9]+) \"" matched "${line}")
    if(NOT matched)
      message(FATAL_ERROR "Cannot read this line of ${output}: ${line}")
    endif()
    math(EXPR number
         "${CMAKE_MATCH_2} << 48 | ${CMAKE_MATCH_3} << 32 | ${CMAKE_MATCH_4} << 16 | ${CMAKE_MATCH_5}")
    list(APPEND facts "${CMAKE_MATCH_1} = ${number}")
  endforeach()
  set(${result} "${facts}" PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${OUT})
facts(xen xen_facts.c ${OUT}/xen_facts.s ${XEN_COMPILER})
facts(ours our_facts.cpp ${OUT}/our_facts.s ${OUR_COMPILER})

list(LENGTH xen xen_count)
list(LENGTH ours our_count)
if(xen_count EQUAL 0 OR NOT xen_count EQUAL our_count)
  message(FATAL_ERROR "Xen's headers state ${xen_count} facts and ours ${our_count}: the lists cannot be compared")
endif()

set(wrong 0)
foreach(theirs mine IN ZIP_LISTS xen ours)
  if(NOT theirs STREQUAL mine)
    math(EXPR wrong "${wrong} + 1")
    string(REGEX REPLACE ".* = " "" our_number "${mine}")
    message(NOTICE "Xen says ${theirs}, abi/ says ${our_number}")
  endif()
endforeach()
if(wrong)
  message(FATAL_ERROR "${wrong} of ${xen_count} facts differ")
endif()
message(NOTICE "${xen_count} facts agree")
