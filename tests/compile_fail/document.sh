#!/bin/bash
# SPDX-License-Identifier: MIT
# Compiles each C++ example of a document: document.sh DOCUMENT FOLDER INCLUDE... -- COMPILER ARGUMENT...
#
# "```cpp refused REGEX" must not compile, and the compiler must say REGEX; "```cpp accepted" must. INCLUDE are the headers that
# every example takes as included, such as <guest/bringup.hpp>.
set -euo pipefail
document=$1
folder=$2
shift 2
mkdir -p "$folder"
example=$folder/example.cpp
prelude=
while [ "$1" != -- ]; do
  prelude+="#include $1"$'\n'
  shift
done
shift
export LC_ALL=C

problems=0 refused=0 accepted=0 number=0 first=0 expectation=
problem() {
  echo "$document:$first: $*"
  sed 's/^/    /' "$folder/messages.txt"
  problems=1
}

try() {
  local status=0
  "$@" "$example" >"$folder/messages.txt" 2>&1 || status=$?
  case $expectation in
    accepted)
      accepted=$((accepted + 1))
      [ $status = 0 ] || problem "this does not compile"
      ;;
    refused\ *)
      refused=$((refused + 1))
      if [ $status = 0 ]; then
        problem "this compiles"
      elif ! grep -qE -- "${expectation#refused }" "$folder/messages.txt"; then
        problem "the compiler does not say ${expectation#refused }"
      fi
      ;;
    *) problem "this example is neither refused nor accepted" ;;
  esac
}

while IFS= read -r line; do
  number=$((number + 1))
  case $line in
    '```cpp'*)
      first=$number
      expectation=${line#'```cpp'}
      expectation=${expectation# }
      printf '%susing namespace enlighten;\n' "$prelude" >"$example"
      ;;
    '```')
      [ -z "$expectation" ] || try "$@"
      expectation=
      ;;
    *) [ -z "$expectation" ] || printf '%s\n' "$line" >>"$example" ;;
  esac
done <"$document"
echo "$refused examples refused, $accepted accepted"
[ $refused -gt 0 ] && [ $accepted -gt 0 ] || problems=1
exit $problems
