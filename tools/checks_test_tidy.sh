# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The part of checks_test.sh about clang-tidy: that files looked at together are looked at as well as one by one.
check="$tools/check_tidy.sh $tree/build"

# compiled FILE...: a compile database, laid out as CMake lays it out.
compiled() {
  local file
  mkdir -p "$tree/build"
  for file in "$@"; do
    printf '{\n  "directory": "%s",\n  "command": "g++-12 -std=gnu++23 -O2 -o %s.o -c %s",\n  "file": "%s"\n},\n' \
      "$tree/build" "$file" "$tree/$file" "$tree/$file"
  done >"$tree/build/compile_commands.json"
}

begin
cp "$tools/../.clang-tidy" "$tree/"
put_source guest/one.cpp 'namespace enlighten {' 'int one() {' '  return 1;' '}' '}  // namespace enlighten'
put_source guest/two.cpp 'namespace enlighten {' 'int two() {' '  return 2;' '}' '}  // namespace enlighten'
put_source guest/three.cpp 'namespace enlighten {' 'int three() {' '  return 3;' '}' '}  // namespace enlighten'
compiled guest/one.cpp guest/two.cpp guest/three.cpp
passes "three good files" $check
says "what is good is remembered" '0 of 3 files are new' $check

put_source guest/two.cpp 'namespace enlighten {' 'int readTwo() {' '  return 2;' '}' '}  // namespace enlighten'
put_source guest/three.cpp 'namespace enlighten {' 'int three() {' '  return 4;' '}' '}  // namespace enlighten'
finds "a mistake in one of those looked at together" 'guest/two.cpp:4:5: error: .*readability-identifier-naming' $check
says "only what is good is remembered" '1 of 3 files are new' $check

# No source could include both.
for file in one two; do
  put_source guest/$file.cpp 'namespace enlighten {' 'namespace {' 'constexpr int limit = 3;' '}  // namespace' \
    "int $file() {" '  return limit;' '}' '}  // namespace enlighten'
done
passes "files with the same local name" $check
says "they are remembered, too" '0 of 3 files are new' $check
for file in one two; do
  put_source guest/$file.cpp 'namespace enlighten {' 'namespace {' 'constexpr int kLimit = 3;' '}  // namespace' \
    "int $file() {" '  return kLimit;' '}' '}  // namespace enlighten'
done
finds "a mistake in the first file with the same local name" 'guest/one.cpp:5:15: error: .*identifier-naming' $check
finds "a mistake in the second" 'guest/two.cpp:5:15: error: .*identifier-naming' $check
