#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs clang-tidy over the files of compile databases: check_tidy.sh [-j JOBS] BUILD-DIRECTORY...
#
# A file that stands in several databases is looked at once, as the first of them compiles it. A file is not looked at
# again until it, a header of this tree it includes, its command, .clang-tidy or clang-tidy itself has changed: what was
# found good is remembered in BUILD-DIRECTORY/tidy.
#
# Most of the time would go into reading and matching the standard library's headers once for each file. So up to
# $together files that are compiled alike are looked at as one source that includes them. Where that finds anything, be
# it only that two files have a local name in common, each of them is looked at by itself.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

clang_tidy=${CLANG_TIDY:-clang-tidy-19}
together=12
jobs=2
if [ "${1:-}" = -j ]; then
  jobs=$2
  shift 2
fi
[ $# -gt 0 ] || {
  echo "usage: check_tidy.sh [-j JOBS] BUILD-DIRECTORY..." >&2
  exit 2
}
command -v "$clang_tidy" >/dev/null || {
  echo "$clang_tidy is missing; ./enlighten test installs it" >&2
  exit 2
}
for database in "$@"; do
  [ -f "$database/compile_commands.json" ] || {
    echo "$database holds no compile_commands.json: configure it first" >&2
    exit 2
  }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# FILE<tab>DATABASE<tab>COMMAND of each tracked file, from JSON as CMake lays it out: one member a line.
sources | sort >"$work/tracked"
for database in "$@"; do
  awk -v root="$root/" -v database="$(readlink -f "$database")" '
    /^ *"command": / { command = $0; sub(/^ *"command": "/, "", command); sub(/",?$/, "", command) }
    /^ *"file": / {
      file = $0; sub(/^ *"file": "/, "", file); sub(/",?$/, "", file)
      if (index(file, root) == 1 && file ~ /\.(cpp|c)$/) print substr(file, length(root) + 1) "\t" database "\t" command
    }' "$database/compile_commands.json"
done | awk -F'\t' 'NR == FNR { tracked[$1]; next } ($1 in tracked) && !seen[$1]++' "$work/tracked" - >"$work/files"

# FILE<tab>KEY: the hashes of the file and of all that it includes of this tree. A header is found by its name alone,
# so of two of the same name both count.
xargs -a "$work/tracked" sha256sum | awk '{ print $2 "\t" $1 }' >"$work/hashes"
xargs -a "$work/tracked" grep -HoE '^[ \t]*#[ \t]*include[ \t]*[<"][^>"]+' -- | sed -E 's/:[^<"]*[<"]/\t/' >"$work/includes" || true
awk -F'\t' '
  FILENAME ~ /hashes$/ {
    hash[$1] = $2
    path = $1
    while (1) {
      with_name[path] = with_name[path] " " $1
      if (path !~ /\//) break
      sub(/^[^\/]*\//, "", path)
    }
    next
  }
  FILENAME ~ /includes$/ { name = $2; sub(/^(\.\.?\/)+/, "", name); includes[$1] = includes[$1] with_name[name]; next }
  {
    split("", reached)
    split("", pending)
    pending[last = 1] = $1
    key = ""
    for (first = 1; first <= last; ++first) {
      if (pending[first] in reached) continue
      reached[pending[first]]
      key = key hash[pending[first]]
      count = split(includes[pending[first]], next_ones, " ")
      for (i = 1; i <= count; ++i) pending[++last] = next_ones[i]
    }
    print $1 "\t" $2 "\t" key $3
  }
' "$work/hashes" "$work/includes" "$work/files" >"$work/keys"

tool="$("$clang_tidy" --version | sha256sum) $(sha256sum .clang-tidy "$(readlink -f "${BASH_SOURCE[0]}")")"
mkdir -p "$work/new"
while IFS=$'\t' read -r file database key; do
  stamp=$database/tidy/${file//\//,}
  mkdir -p "$database/tidy"
  printf '%s\n%s\n' "$tool" "$key" | sha256sum >"$work/new/${file//\//,}"
  if ! cmp -s "$work/new/${file//\//,}" "$stamp"; then
    printf '%s\t%s\t%s\n' "$file" "$database" "$stamp"
  fi
done <"$work/keys" >"$work/stale"

total=$(wc -l <"$work/keys")
stale=$(wc -l <"$work/stale")
echo "clang-tidy: $stale of $total files are new or have changed"

checks_of_tests=readability-identifier-naming,misc-redundant-expression,misc-static-assert
for check in dangling-handle sizeof-expression unused-raii unused-return-value use-after-move; do
  checks_of_tests+=,bugprone-$check
done

# BATCH<tab>FILE<tab>DATABASE<tab>STAMP<tab>KIND<tab>FLAGS: files of one kind and with the same flags share a batch.
# How well code is to be optimised makes no difference here.
awk -F'\t' -v OFS='\t' -v together="$together" '
  NR == FNR { command[$1] = $3; next }
  {
    kind = $1 ~ /_test\.cpp$/ ? "test" : $1 ~ /\/test\/|\/test_support\// ? "helper" : "product"
    flags = command[$1]
    sub(/ -o .*/, "", flags)
    gsub(/ -O[0-9s]| -g[0-9]?/, "", flags)
    group = $2 " " kind " " ($1 ~ /\.c$/) " " flags
    if (!(group in batch) || members[batch[group]] == together) batch[group] = ++last
    ++members[batch[group]]
    print batch[group], $0, kind, flags
  }
' "$work/files" "$work/stale" >"$work/batches"

# A compile database for each batch, of its one source that includes its files.
mkdir "$work/batch"
while IFS=$'\t' read -r batch file database _ _ flags; do
  folder=$work/batch/$batch
  source=$folder/batch.${file##*.}
  if [ ! -d "$folder" ]; then
    mkdir "$folder"
    printf '[{"directory": "%s", "command": "%s -c %s", "file": "%s"}]\n' "$database" "$flags" "$source" "$source" \
      >"$folder/compile_commands.json"
  fi
  printf '#include "%s"  // NOLINT(bugprone-suspicious-include)\n' "$root/$file" >>"$source"
done <"$work/batches"

# run_tidy KIND DATABASE SOURCE
run_tidy() {
  local checks=()
  # The testing library's headers make every check slow, and tests run under the sanitizers: what those do not see
  # remains. Of helpers for tests only the speed does not matter.
  case $1 in
    test) checks=("--checks=-*,$checks_of_tests") ;;
    helper) checks=(--checks=-performance-*) ;;
  esac
  # GCC's precompiled headers stand where clang would look for its own.
  "$clang_tidy" --quiet --config-file="$root/.clang-tidy" -p "$2" --extra-arg=-Wno-ignored-gch "${checks[@]}" "$3"
}

good() {
  cp "$work/new/${1//\//,}" "$2"
  printf 'clang-tidy: %s\n' "$1"
}

# One file: silent when it is good, and then remembered.
look_at() {
  local file=$1 database=$2 stamp=$3 kind=$4 words
  if words=$(run_tidy "$kind" "$database" "$root/$file" 2>"$work/errors.$BASHPID"); then
    good "$file" "$stamp"
  else
    rm -f "$stamp"
    printf '%s\n' "${words:-$(cat "$work/errors.$BASHPID")}" | tee "$work/bad.${file//\//,}" >&2
  fi
}

look_at_batch() {
  local batch=$1 file database stamp kind found=1
  awk -F'\t' -v OFS='\t' -v batch="$batch" '$1 == batch { print $2, $3, $4, $5 }' "$work/batches" >"$work/batch/$batch/list"
  if [ "$(wc -l <"$work/batch/$batch/list")" != 1 ]; then
    kind=$(head -n 1 "$work/batch/$batch/list" | cut -f 4)
    if run_tidy "$kind" "$work/batch/$batch" "$work/batch/$batch"/batch.c* >"$work/batch/$batch/words" 2>&1; then
      found=0
    fi
  fi
  while IFS=$'\t' read -r file database stamp kind; do
    if [ "$found" = 0 ]; then
      good "$file" "$stamp"
    else
      look_at "$file" "$database" "$stamp" "$kind"
    fi
  done <"$work/batch/$batch/list"
}
export -f run_tidy good look_at look_at_batch
export root work clang_tidy checks_of_tests
# The largest first, or the last one would run alone.
cut -f 1 "$work/batches" | sort -n | uniq -c | sort -k 1,1nr -k 2,2n | awk '{ print $2 }' |
  xargs -r -P "$jobs" -I '{}' bash -c 'look_at_batch "$1"' _ '{}'

for bad in "$work"/bad.*; do
  [ -e "$bad" ] || continue
  bad=${bad##*/bad.}
  problem "${bad//,//}" "see above"
done
finish "clang-tidy over $total files"
