# SPDX-License-Identifier: MIT
# cmake -DEXPECT=regex -P Expect_compile_error.cmake -- compiler argument...: succeeds when the compiler refuses, saying EXPECT.
set(command)
set(after_dashes FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  if(after_dashes)
    list(APPEND command "${CMAKE_ARGV${i}}")
  elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
    set(after_dashes TRUE)
  endif()
endforeach()

# Plain quotes, whatever the machine speaks.
set(ENV{LC_ALL} C)
execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "This should not compile, and does:\n${command}")
endif()
if(NOT output MATCHES "${EXPECT}")
  message(FATAL_ERROR "The compiler refuses, but does not say \"${EXPECT}\":\n${output}")
endif()
