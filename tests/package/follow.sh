#!/bin/bash
# SPDX-License-Identifier: MIT
# Does what a document says, line by line: follow.sh DOCUMENT FOLDER
#
# FOLDER is emptied and becomes the home folder, with this tree in it as ~/enlighten. Every code block of the document must
# be one of two. "```LANGUAGE NAME" is a file, written where the commands before it have led. "```console" holds commands
# behind "$ ", over several lines with "\" at the end of all but the last, each followed by what it prints: lines that must
# come in this order, others may come between; "..." stands for any text.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
document=$(readlink -f "$1")
place=$(realpath -m "$2")

# Where Debian's packages have been unpacked already.
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}
rm -rf "$place"
mkdir -p "$place"
export HOME=$place
ln -s "$root" "$HOME/enlighten"
cd "$HOME"

fail() {
  echo "$document:$number: $*" >&2
  exit 1
}

# compare PATTERN...: each matches a line of $output, one after the other.
compare() {
  local pattern line found=0
  while [ $# -gt 0 ]; do
    pattern=$1
    shift
    [ "$pattern" != ... ] || continue
    pattern=$(sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g' <<<"$pattern")
    found=0
    while IFS= read -r line <&3; do
      # shellcheck disable=SC2053 # a pattern indeed
      if [[ $line == $pattern ]]; then
        found=1
        break
      fi
    done
    [ $found = 1 ] || fail "\`$command\` does not print, or not in this order: $pattern"
  done 3<"$output"
}

# Runs $command in this shell, whose folder and environment it may change, and compares.
follow() {
  local status=0
  [ -n "$command" ] || return 0
  echo "\$ $command"
  eval "$command" >"$output" 2>&1 </dev/null || status=$?
  cat "$output"
  [ $status = 0 ] || fail "\`$command\` ended with $status"
  compare ${expected[@]+"${expected[@]}"}
  command=
  expected=()
}

output=$HOME/.output
block=none command='' expected=() number=0
while IFS= read -r line <&4; do
  number=$((number + 1))
  case $block:$line in
    'none:```console') block=console ;;
    'none:```'?*' '?*)
      block='file'
      name=${line##* }
      echo "writing $name"
      : >"$name"
      ;;
    'none:```'*) fail "this block is neither a file nor commands" ;;
    'console:```')
      follow
      block=none
      ;;
    'console:$ '*)
      follow
      command=${line#\$ }
      ;;
    console:*)
      if [[ $command == *\\ ]]; then
        command=${command%\\}$line
      else
        expected+=("$line")
      fi
      ;;
    'file:```') block=none ;;
    file:*) printf '%s\n' "$line" >>"$name" ;;
  esac
done 4<"$document"
[ $block = none ] || fail "the last block has no end"
echo "every line of $document has been run"
