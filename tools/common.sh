# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What the checks share: the files they look at, and how they report.

# The tree to check; the tests of the checks name another one.
root=${ENLIGHTEN_TREE:-$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")}
cd "$root" || exit 2
if [ -z "$(git -c safe.directory='*' ls-files --cached 2>/dev/null | head -n 1)" ]; then
  echo "$root has no tracked file: nothing would be checked" >&2
  exit 1
fi

problems=0

# problem PLACE TEXT: lists one; the check goes on, so that all of them are seen at once.
problem() {
  printf '%s: %s\n' "$1" "$2" >&2
  problems=$((problems + 1))
}

# finish WHAT: the last line of a check, and its exit code.
finish() {
  if [ "$problems" != 0 ]; then
    echo "$1: $problems problem(s)" >&2
    exit 1
  fi
  echo "$1: no problem"
}

# files [PATTERN...]: the tracked files that exist, of those patterns as git has them.
files() {
  git -c safe.directory='*' ls-files --cached -- "$@" | while IFS= read -r file; do
    if [ -f "$file" ]; then
      printf '%s\n' "$file"
    fi
  done
}

# C, C++ and assembler, as the compiler or its preprocessor reads them.
sources() {
  files '*.cpp' '*.hpp' '*.c' '*.h' '*.inc' '*.S' '*.ld' 'runtime/libcxx/*'
}
