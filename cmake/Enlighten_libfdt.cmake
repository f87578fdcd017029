# SPDX-License-Identifier: MIT
# enlighten::libfdt, the device tree library: static, the host's own or for images the guest architecture's.
if(TARGET enlighten::libfdt)
  return()
endif()

if(ENLIGHTEN_ARCH STREQUAL hosted)
  find_library(ENLIGHTEN_LIBFDT_ARCHIVE libfdt.a REQUIRED)
  find_path(ENLIGHTEN_LIBFDT_INCLUDE libfdt.h REQUIRED)
else()
  # Fetched from the guest architecture's packages, beside the compiler's own search path.
  find_library(ENLIGHTEN_LIBFDT_ARCHIVE libfdt.a PATHS ${ENLIGHTEN_ARM64_ROOT}/usr/lib/aarch64-linux-gnu
    NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
  find_path(ENLIGHTEN_LIBFDT_INCLUDE libfdt.h PATHS ${ENLIGHTEN_ARM64_ROOT}/usr/include
    NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH REQUIRED)
endif()

add_library(enlighten::libfdt UNKNOWN IMPORTED GLOBAL)
set_target_properties(enlighten::libfdt PROPERTIES
  IMPORTED_LOCATION ${ENLIGHTEN_LIBFDT_ARCHIVE} INTERFACE_INCLUDE_DIRECTORIES ${ENLIGHTEN_LIBFDT_INCLUDE})
