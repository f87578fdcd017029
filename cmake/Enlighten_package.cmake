# SPDX-License-Identifier: MIT
# What `cmake --install` of a guest build leaves for find_package(enlighten).
# Architectures share a prefix: what differs between them lies in a folder named after each.
include(CMakePackageConfigHelpers)
set(ENLIGHTEN_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/enlighten)
set(ENLIGHTEN_SUPPORT ${CMAKE_INSTALL_LIBDIR}/enlighten)

# enlighten_install_folder(NAME [part...])
# The library and the public headers of the folder NAME. Parts are those of one architecture.
function(enlighten_install_folder name)
  set(folders include)
  set(headers ${CMAKE_INSTALL_INCLUDEDIR}/enlighten)
  if(ARGN)
    list(TRANSFORM ARGN APPEND /include OUTPUT_VARIABLE folders)
    set(headers ${ENLIGHTEN_SUPPORT}/${ENLIGHTEN_ARCH}/include)
  endif()
  foreach(folder IN LISTS folders)
    install(DIRECTORY ${folder}/ DESTINATION ${headers})
  endforeach()
  target_include_directories(enlighten_${name} INTERFACE $<INSTALL_INTERFACE:${headers}>)
  set_target_properties(enlighten_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS enlighten_${name} EXPORT enlighten ARCHIVE DESTINATION ${ENLIGHTEN_SUPPORT}/${ENLIGHTEN_ARCH})
endfunction()

install(EXPORT enlighten NAMESPACE enlighten:: FILE enlighten-${ENLIGHTEN_ARCH}.cmake DESTINATION ${ENLIGHTEN_PACKAGE})
install(FILES ${PROJECT_SOURCE_DIR}/cmake/Enlighten_guest.cmake DESTINATION ${ENLIGHTEN_PACKAGE})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/cmake/toolchains DESTINATION ${ENLIGHTEN_PACKAGE})
install(DIRECTORY ${ENLIGHTEN_LIBCXX} DESTINATION ${ENLIGHTEN_SUPPORT})
install(FILES ${ENLIGHTEN_LINKER_SCRIPT} DESTINATION ${ENLIGHTEN_SUPPORT}/${ENLIGHTEN_ARCH})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The device tree library comes along, with the licence that asks to be kept with it.
include(Enlighten_libfdt)
install(FILES ${ENLIGHTEN_LIBFDT_ARCHIVE} DESTINATION ${ENLIGHTEN_SUPPORT}/${ENLIGHTEN_ARCH})
install(FILES ${ENLIGHTEN_ARM64_ROOT}/usr/share/doc/libfdt-dev/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR}
  RENAME libfdt-copyright OPTIONAL)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/enlighten-config.cmake.in
  ${PROJECT_BINARY_DIR}/package/enlighten-config.cmake
  INSTALL_DESTINATION ${ENLIGHTEN_PACKAGE} PATH_VARS ENLIGHTEN_SUPPORT NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/enlighten-config-version.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/package/enlighten-config.cmake
  ${PROJECT_BINARY_DIR}/package/enlighten-config-version.cmake DESTINATION ${ENLIGHTEN_PACKAGE})
