#!/bin/bash
# SPDX-License-Identifier: MIT
# Tests the checks themselves: each must find what is wrong in a small tree made for it, and nothing in a good one.
set -euo pipefail
tools=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
export ENLIGHTEN_TREE=$tree
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
failures=0

# put PATH: a file of the tree, from standard input.
put() {
  mkdir -p "$tree/$(dirname "$1")"
  cat >"$tree/$1"
  git -C "$tree" add -- "$1"
}

# put_source PATH LINE...: a file that opens as it should, then these lines.
put_source() {
  local path=$1 once=
  shift
  case $path in
    *.hpp) once='#pragma once' ;;
  esac
  printf '%s\n' '// SPDX-License-Identifier: MIT' '// This is a file for a test.' ${once:+"$once"} "$@" | put "$path"
}

# A tree in which nothing is wrong.
begin() {
  rm -rf "${tree:?}"/* "$tree/.git"
  git -C "$tree" init -q
  cp "$tools/../.clang-format" "$tree/"
  mkdir -p "$tree/tools"
  cp "$tools/include-directions.txt" "$tools/image-limits.txt" "$tree/tools/"
  git -C "$tree" add .clang-format tools
  for folder in abi base guest report runner tools; do
    echo "# $folder" | put "$folder/README.md"
  done
  put_source base/include/base/ids.hpp
  put_source abi/include/abi/frame.hpp '#include <base/ids.hpp>'
  put_source guest/ports.cpp '#include "ports.hpp"' '' '#include <cstdint>' '' '#include <abi/frame.hpp>'
  put_source guest/ports.hpp
}

# finds CLAIM PATTERN COMMAND...: the check must fail and say PATTERN.
finds() {
  local claim=$1 pattern=$2 words status=0
  shift 2
  words=$("$@" 2>&1) || status=$?
  if [ "$status" != 1 ] || ! grep -qE -- "$pattern" <<<"$words"; then
    printf 'not found: %s\n  wanted: %s\n  status %s, words: %s\n' "$claim" "$pattern" "$status" "$words" >&2
    failures=$((failures + 1))
  fi
}

# passes CLAIM COMMAND...: the check must find nothing.
passes() {
  local claim=$1 words
  shift
  if ! words=$("$@" 2>&1); then
    printf 'found where nothing is: %s\n%s\n' "$claim" "$words" >&2
    failures=$((failures + 1))
  fi
}

# says CLAIM PATTERN COMMAND...: the check says PATTERN, whatever it finds.
says() {
  local claim=$1 pattern=$2 words
  shift 2
  words=$("$@" 2>&1) || true
  if ! grep -qE -- "$pattern" <<<"$words"; then
    printf 'not said: %s\n  wanted: %s\n  words: %s\n' "$claim" "$pattern" "$words" >&2
    failures=$((failures + 1))
  fi
}

. "$tools/checks_test_includes.sh"
. "$tools/checks_test_files.sh"
. "$tools/checks_test_documents.sh"
. "$tools/checks_test_references.sh"
if command -v "${CLANG_TIDY:-clang-tidy-19}" >/dev/null; then
  . "$tools/checks_test_tidy.sh"
fi
if command -v aarch64-linux-gnu-gcc-12 >/dev/null; then
  . "$tools/checks_test_images.sh"
fi
exit $((failures != 0))
