#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks what was linked for a guest: check_images.sh BUILD-DIRECTORY [TOOL-PREFIX]
#
# Every NAME.img below BUILD-DIRECTORY, with the ELF it was made of beside it, must stand on its own (no undefined symbol,
# no library), be relocatable by nobody but itself (relative relocations, none of them in code), have no page that can be
# written and executed, carry neither exceptions nor run-time type information, and open with the header Xen looks for.
# tools/image-limits.txt says how large it may be.
set -euo pipefail
[ $# -ge 1 ] && [ -d "$1" ] || {
  echo "usage: check_images.sh BUILD-DIRECTORY [TOOL-PREFIX]" >&2
  exit 2
}
build=$(readlink -f "$1")
prefix=${2:-aarch64-linux-gnu-}
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
limits=tools/image-limits.txt

command -v "${prefix}readelf" >/dev/null || {
  echo "${prefix}readelf is missing; ./enlighten run installs it" >&2
  exit 2
}

# complain_each NAME WHAT: one problem for each line that arrives.
complain_each() {
  local line
  while IFS= read -r line; do
    problem "$1" "$2: $line"
  done
}

check_elf() {
  local name=$1 elf=$2
  complain_each "$name" "undefined symbol" < <("${prefix}nm" --undefined-only "$elf" | awk '{ print $NF }')
  complain_each "$name" "needs a library or an interpreter" < <(
    "${prefix}readelf" --dynamic --segments --wide "$elf" | grep -E '\(NEEDED\)|^ *INTERP' || true)
  complain_each "$name" "relocations in code" < <(
    "${prefix}readelf" --dynamic --wide "$elf" | grep -E '\(TEXTREL\)|FLAGS.*TEXTREL' || true)
  complain_each "$name" "can be written and executed" < <(
    "${prefix}readelf" --segments --wide "$elf" | awk '$1 == "LOAD" && /W/ && / R?WE /')
  complain_each "$name" "not a relative relocation" < <(
    "${prefix}readelf" --relocs --wide "$elf" | awk '$3 ~ /^R_/ && $3 !~ /_RELATIV/')
  # Only what the program or the compiler put there, not the names that debug information holds.
  complain_each "$name" "exceptions or run-time type information" < <(
    "${prefix}nm" --defined-only "$elf" | awk '$NF ~ /^(_ZTI|_ZTS|__cxa_throw$|__cxa_allocate_exception$|_Unwind_RaiseException$)/ { print $NF }')
}

# The header of an arm64 Linux image: magic at 0x38, and at 0x10 how much memory it takes, which the file must not exceed.
check_header() {
  local name=$1 image=$2 size=$3 takes
  if [ "$(od -An -j56 -N4 -tx1 "$image" | tr -d ' \n')" != 41524d64 ]; then
    problem "$name" "has no arm64 image header"
    return
  fi
  takes=$(od -An -j16 -N8 -tu8 --endian=little "$image" | tr -d ' \n')
  if [ "$takes" -lt "$size" ]; then
    problem "$name" "its header says $takes bytes, the file has $size"
  fi
}

limit_of() {
  awk -v name="$1" '$1 == name { print $2 }' "$limits"
}

checked=()
while IFS= read -r image; do
  name=$(basename "$image" .img)
  size=$(stat -c %s "$image")
  limit=$(limit_of "$name")
  if [ -f "${image%.img}" ]; then
    check_elf "$name" "${image%.img}"
  else
    problem "$name" "no ELF stands beside $image"
  fi
  check_header "$name" "$image" "$size"
  if [ -n "$limit" ] && [ "$size" -gt "$limit" ]; then
    problem "$name" "has $size bytes, more than $limit"
  fi
  echo "image $name: $size bytes${limit:+ of $limit}"
  checked+=("$name")
done < <(find "$build" -name '*.img' -type f | sort)

while read -r name _; do
  case " ${checked[*]-} " in
    *" $name "*) ;;
    *) problem "$name" "was not built in $build" ;;
  esac
done < <(grep -v '^#' "$limits")
finish "images"
