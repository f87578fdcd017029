#!/bin/bash
# SPDX-License-Identifier: MIT
# follow.sh finds what is wrong in a document, and nothing in a good one: follow_test.sh FOLDER
# shellcheck disable=SC2016 # what the documents say is for them
set -euo pipefail
follow=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/follow.sh
place=$(realpath -m "$1")
mkdir -p "$place"
problems=0

# document LINE...: lines, in which ~~~ stands for a fence.
document() { printf '%s\n' "$@" | sed 's/~~~/```/' >"$place/document.md"; }

passes() {
  local words
  words=$("$follow" "$place/document.md" "$place/home" 2>&1) || {
    printf 'found where nothing is: %s\n%s\n' "$1" "$words"
    problems=1
  }
}

finds() {
  local words status=0
  words=$("$follow" "$place/document.md" "$place/home" 2>&1) || status=$?
  if [ $status != 1 ] || [[ $words != *"$2"* ]]; then
    printf 'not found: %s\n  wanted: %s\n  status %s, words: %s\n' "$1" "$2" $status "$words"
    problems=1
  fi
}

document '# Good' '~~~console' '$ mkdir ~/new' '$ cd ~/new' '$ export WORD=there' '~~~' '~~~text greeting.txt' 'hello *' '  [x]' \
  '~~~' '~~~console' '$ cat greeting.txt; echo $WORD; echo 1 of 3' 'hello *' '...' '  [x]' 'there' '... of ...' \
  '$ echo one \' '    two' 'one two' '~~~' \
  '~~~console' '$ ls ~/enlighten' 'LICENSE' '~~~'
passes "files, folders, variables, patterns"

document '~~~console' '$ false' '~~~'
finds "a command that fails" ':3: `false` ended with 1'

document '~~~console' '$ echo one' 'two' '~~~'
finds "other output" 'does not print, or not in this order: two'

document '~~~console' '$ printf "%s\n" one two' 'two' 'one' '~~~'
finds "another order" 'not in this order: one'

document '~~~console' '$ echo abc' 'a?c' '~~~'
finds "a pattern that is none" 'not in this order: a\?c'

document '~~~cpp' 'int x;' '~~~'
finds "a block that nothing does" ':1: this block is neither a file nor commands'

document '~~~console' '$ true'
finds "a block without an end" 'the last block has no end'
exit $problems
