#!/bin/bash
# SPDX-License-Identifier: MIT
# An installed copy works where it was moved to, with both compilers, and refuses what cannot work: moved.sh FOLDER
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
images=$(readlink -f "${ENLIGHTEN_IMAGES:-$root/build/aarch64}")
[ -d "$images" ] || { echo "$images is missing: ./enlighten test builds it" >&2; exit 2; }

place=$(realpath -m "$1")
rm -rf "$place"
mkdir -p "$place/project/inner"
cd "$place"

cmake --install "$images" --prefix "$place/first" >install.log
mv first 'second place'
copy="$place/second place"

problems=0
problem() {
  echo "FAILED: $*"
  problems=1
}

# Debug information may name sources, to be found by a debugger; nothing names where they were built.
if grep -rlF -- "$images" "$copy"; then
  problem "these name the build folder"
fi
if grep -rIlF -- "$root/" "$copy"; then
  problem "these name the source tree"
fi

cat >project/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(inner LANGUAGES C CXX ASM)
find_package(enlighten 0.1 REQUIRED)
add_subdirectory(inner)
END
cat >project/inner/CMakeLists.txt <<'END'
add_library(own STATIC own.cpp)
target_link_libraries(own PRIVATE enlighten::runtime)
enlighten_add_guest(inner main.c one.S FLOAT_PRINTF)
target_link_libraries(inner PRIVATE own)
enlighten_add_guest(readme readme.cpp)
END
# The guest that README.md shows.
awk '/^```cpp$/ { shown = 1; next } /^```$/ { shown = 0 } shown' "$root/README.md" >project/inner/readme.cpp
cat >project/inner/main.c <<'END'
#include <stdio.h>
int one(void);
int two(void);
int main(void) {
  printf("%d %d %.2f\n", one(), two(), 3.0);
  return 0;
}
END
cat >project/inner/own.cpp <<'END'
#include <array>
#include <memory>
#include <guest/event_channels.hpp>
#include <report/ktap.hpp>
#include <runtime/signal.hpp>
extern "C" int two() {
  const std::unique_ptr<std::array<int, 2>> numbers{new std::array{1, 1}};
  return (*numbers)[0] + (*numbers)[1];
}
END
printf '%s\n' '    .globl one' 'one:' '    mov w0, #1' '    ret' >project/inner/one.S

# configure NAME ARGUMENT...: with the copy to be found.
configure() {
  local name=$1
  shift
  cmake -S project -B "$name" -G Ninja "-DCMAKE_PREFIX_PATH=$copy" "$@" >"$name.log" 2>&1
}
toolchains="$copy/lib/cmake/enlighten/toolchains"
for compiler in gcc clang; do
  if ! configure $compiler "-DCMAKE_TOOLCHAIN_FILE=$toolchains/aarch64-$compiler.cmake" ||
    ! cmake --build $compiler >>$compiler.log 2>&1; then
    cat $compiler.log
    problem "the project does not build with $compiler"
  elif [ "$(dd if=$compiler/inner/inner.img bs=1 skip=56 count=4 status=none)" != ARMd ]; then
    problem "what $compiler made is no image"
  elif ! cmake --build $compiler | grep -q 'no work to do'; then
    problem "what $compiler made is made again and again"
  fi
done

# refuses NAME WORDS ARGUMENT...: the configuration fails and says WORDS, however its lines are broken.
refuses() {
  local name=$1 words=$2
  shift 2
  if configure "$name" "$@"; then
    problem "$name: this can be configured"
  elif [[ $(tr -s ' \n' ' ' <"$name.log") != *"$words"* ]]; then
    cat "$name.log"
    problem "$name: nothing says: $words"
  fi
}
refuses no_toolchain "Images need a toolchain file of Enlighten's"
refuses other_architecture 'was not built for riscv64' -DENLIGHTEN_ARCH=riscv64
sed -i 's/ C CXX ASM/ CXX/' project/CMakeLists.txt
refuses language_missing 'project() does not enable C, which *.c needs' \
  "-DCMAKE_TOOLCHAIN_FILE=$toolchains/aarch64-gcc.cmake"
sed -i 's/ CXX/ C/' project/CMakeLists.txt
refuses without_cxx 'project() must enable CXX' "-DCMAKE_TOOLCHAIN_FILE=$toolchains/aarch64-gcc.cmake"
exit $problems
