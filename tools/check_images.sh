#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks what was linked for a guest: check_images.sh BUILD-DIRECTORY [TOOL-PREFIX]
#
# Every NAME.img below BUILD-DIRECTORY, with the ELF it was made of beside it, must stand on its own (no undefined symbol,
# no library), be relocatable by nobody but itself (relative relocations, none of them in code), have no page that can be
# written and executed, carry neither exceptions nor run-time type information, and open with the header Xen looks for.
# Each of its trace points (guest/trace.hpp) costs two instructions where nothing is recorded: the register is read, and the
# next but one at most branches on it. tools/image-limits.txt says how large an image may be, and how many such points it has
# at least.
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

# How many trace points there are; one line for each that is not as it should be. Left out are those who use the register
# for something else: the vectors, and what records.
trace_points() {
  "${prefix}objdump" --disassemble --no-show-raw-insn "$1" | awk '
    /^[0-9a-f]+ <.*>:$/ { inside = $2; if (register != "") bad(); next }
    inside ~ /<(unexpected|enlighten_trace)/ { next }
    register != "" && $2 ~ /^cbn?z$/ && $3 == register "," { register = ""; ++points; next }
    register != "" && --patience == 0 { bad() }
    $2 == "mrs" && $4 == "tpidrro_el0" { register = substr($3, 1, length($3) - 1); at = inside; patience = 2 }
    function bad() { print "bad", at; register = "" }
    END { print "points", points + 0 }'
}

check_trace_points() {
  local name=$1 elf=$2 least=$3 points
  points=$(trace_points "$elf")
  complain_each "$name" "a trace point of more than two instructions in" < <(sed -n 's/^bad //p' <<<"$points")
  points=$(sed -n 's/^points //p' <<<"$points")
  if [ "$points" -lt "${least:-0}" ]; then
    problem "$name" "has $points trace points, less than $least"
  fi
  echo "image $name: $points trace points, of two instructions each"
}

# limit_of NAME COLUMN
limit_of() {
  awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$limits"
}

checked=()
while IFS= read -r image; do
  name=$(basename "$image" .img)
  size=$(stat -c %s "$image")
  limit=$(limit_of "$name" 2)
  if [ -f "${image%.img}" ]; then
    check_elf "$name" "${image%.img}"
    check_trace_points "$name" "${image%.img}" "$(limit_of "$name" 3)"
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
