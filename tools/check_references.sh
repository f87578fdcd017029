#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks that docs/references.md expands every short name that a comment or a document cites, and no other.
#
# A citation is a lower-case word in square brackets that stands alone, in a comment or in the text of a document: not
# part of code between backquotes, not the text of a link.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
references=docs/references.md
[ -f "$references" ] || {
  echo "$references is missing" >&2
  exit 1
}

expanded=$(sed -nE 's/^\| \[([a-z][a-z0-9+]*)\] \|.*/\1/p' "$references" | sort)
while IFS= read -r name; do
  problem "$references" "[$name] is there twice"
done < <(uniq -d <<<"$expanded")

# Prints FILE:LINE<tab>NAME for each citation of the files given.
citations() {
  awk '
    FNR == 1 { fenced = in_block = 0; document = FILENAME ~ /\.md$/; script = FILENAME ~ /\.(sh|cmake|txt)$/ }
    document && /^[ \t]*```/ { fenced = !fenced; next }
    {
      text = $0
      if (document) {
        if (fenced) next
        gsub(/`[^`]*`/, " \001 ", text)
      } else if (script) {
        if (!match(text, /(^|[ \t])#/)) next
        text = substr(text, RSTART + RLENGTH)
      } else if (in_block) {
        if (text ~ /\*\//) in_block = 0
      } else if (match(text, /\/\/|\/\*/)) {
        in_block = substr(text, RSTART, 2) == "/*" && substr(text, RSTART + 2) !~ /\*\//
        text = substr(text, RSTART + 2)
      } else next
      text = " " text " "
      while (match(text, /[ (]\[[a-z][a-z0-9+]*\][] ,.;:)]/)) {
        name = substr(text, RSTART + 2, RLENGTH - 4)
        text = substr(text, RSTART + RLENGTH - 1)
        printf "%s:%d\t%s\n", FILENAME, FNR, name
      }
    }
  ' "$@"
}

mapfile -t cited_in < <({
  sources
  files '*.cmake' 'CMakeLists.txt' '*/CMakeLists.txt' '*.sh' '*.md'
} | grep -vxF "$references" | sort -u)
found=$(citations "${cited_in[@]}")
while IFS=$'\t' read -r place name; do
  [ -n "$name" ] || continue
  grep -qxF -- "$name" <<<"$expanded" || problem "$place" "[$name] is not expanded in $references"
done <<<"$found"

cited=$(cut -f2 <<<"$found" | sort -u)
while IFS= read -r name; do
  problem "$references" "[$name] is cited nowhere"
done < <(comm -13 <(printf '%s\n' "$cited") <(uniq <<<"$expanded") | grep . || true)
finish "citations of $(grep -c . <<<"$expanded") references"
