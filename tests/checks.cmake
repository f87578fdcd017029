# SPDX-License-Identifier: MIT
# The checks over the whole tree as tests. They say the same whichever compiler is used, so one build has them.
set(tools ${PROJECT_SOURCE_DIR}/tools)
set(ENLIGHTEN_CHECKED_IMAGES ${PROJECT_SOURCE_DIR}/build/aarch64 CACHE PATH "Where check.images finds guest images")
set(ENLIGHTEN_CHECKED_GUEST ${PROJECT_SOURCE_DIR}/build/aarch64-clang
  CACHE PATH "Whose compile commands check.tidy uses for what only guests contain")

add_test(NAME check.includes COMMAND ${tools}/check_includes.sh)
add_test(NAME check.files COMMAND ${tools}/check_files.sh)
add_test(NAME check.format COMMAND ${tools}/check_format.sh)
add_test(NAME check.documents COMMAND ${tools}/check_documents.sh $<TARGET_FILE:enlighten>)
add_test(NAME check.references COMMAND ${tools}/check_references.sh)
# As `enlighten docs` does.
add_test(NAME check.docs
  COMMAND ${CMAKE_COMMAND} -E env ENLIGHTEN_DOCS=${CMAKE_CURRENT_BINARY_DIR}/docs doxygen docs/Doxyfile
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
add_test(NAME check.images COMMAND ${tools}/check_images.sh ${ENLIGHTEN_CHECKED_IMAGES})
add_test(NAME check.tidy COMMAND ${tools}/check_tidy.sh -j 2 ${PROJECT_BINARY_DIR} ${ENLIGHTEN_CHECKED_GUEST})
add_test(NAME check.tidy_sees_mistakes COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/tidy/mistakes_test.sh)
add_test(NAME check.checks_see_mistakes COMMAND ${tools}/checks_test.sh)
set_tests_properties(
  check.includes check.files check.format check.documents check.references check.docs check.images check.tidy
  check.tidy_sees_mistakes check.checks_see_mistakes
  PROPERTIES LABELS check)
# From an empty build folder it takes as long as all the others together, so it runs when it is asked for by name.
set_tests_properties(check.tidy PROPERTIES LABELS "check;long" PROCESSORS 2 TIMEOUT 3600)
