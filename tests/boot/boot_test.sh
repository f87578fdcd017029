#!/bin/bash
# SPDX-License-Identifier: MIT
# Boots one image and compares: boot_test.sh --logs FOLDER --exit CODE [--match REGEX] [--not-match REGEX] -- IMAGE ARG...
#
# IMAGE is an image, or a file of domains whose name ends in .toml. An image, here or behind a + among the arguments, is
# relative to $ENLIGHTEN_IMAGES, the build folder of the guest images; $ENLIGHTEN_COMMAND is the command to run. Both have
# the places of the source tree's own build as default. FOLDER receives the logs, the JSON report, and the output that the
# regular expressions (of grep -E) are for.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
command=${ENLIGHTEN_COMMAND:-$root/build/host/runner/enlighten}
images=${ENLIGHTEN_IMAGES:-$root/build/aarch64}

logs= expected= wanted=() unwanted=()
while [ "$1" != -- ]; do
  case $1 in
    --logs) logs=$2 ;;
    --exit) expected=$2 ;;
    --match) wanted+=("$2") ;;
    --not-match) unwanted+=("$2") ;;
    *) echo "boot_test.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
shift
case $1 in
  *.toml) needed=$1 what=(--domains "$1") ;;
  *) needed=$images/$1 what=("$images/$1") ;;
esac
shift
# Behind a + stands another image.
words=() before=
for word in "$@"; do
  [ "$before" = + ] && word=$images/$word
  words+=("$word")
  before=$word
done
set -- ${words[@]+"${words[@]}"}
# A machine may be slow, or busy with other things: that is no failure.
case " $* " in
  *" --timeout "*) ;;
  *) set -- --timeout 220 "$@" ;;
esac
for needed in "$command" "$needed"; do
  [ -e "$needed" ] || { echo "$needed is missing: ./enlighten test builds it" >&2; exit 2; }
done

rm -rf "$logs"
mkdir -p "$logs"
output=$logs/output.txt
status=0
"$command" run "${what[@]}" --report "$logs/report.json" "$@" >"$output" 2>&1 </dev/null || status=$?
cat "$output"

problems=0
problem() {
  echo "FAILED: $*"
  problems=1
}
[ "$status" = "$expected" ] || problem "the exit code is $status, not $expected"
for regex in ${wanted[@]+"${wanted[@]}"}; do
  grep -Eaq -e "$regex" "$output" || problem "no line matches $regex"
done
for regex in ${unwanted[@]+"${unwanted[@]}"}; do
  ! grep -Eaq -e "$regex" "$output" || problem "a line matches $regex"
done
exit $problems
