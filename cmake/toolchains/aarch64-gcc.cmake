# SPDX-License-Identifier: MIT
# Guest images for arm64 with Debian's GCC cross compiler.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(ENLIGHTEN_ARCH aarch64)
set(ENLIGHTEN_TRIPLE aarch64-linux-gnu)

set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc-12)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++-12)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc-12)
# There is nothing to link a trial program against before the runtime is built.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
