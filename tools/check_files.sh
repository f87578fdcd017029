#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks what every file of the tree owes its reader: how it opens, how long it is, and what may not stand in it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# A list of data (.inc) is as long as what it lists.
readonly longest_file=400
readonly longest_readme=60

# Prints FILE:LINE<tab>TEXT for each problem of the files given.
look_at() {
  awk -v longest="$longest_file" '
    function complain(line, text) { printf "%s:%d\t%s\n", file, line, text }
    function is_comment(text) { return text ~ /^[ \t]*(\/\/|#|\/\*|\*)/ }
    function words(text) { sub(/^[ \t]*(\/\/|#|\/\*|\*)[ \t]*/, "", text); return split(text, unused, /[ \t]+/) }
    function close_file() {
      if (file == "") return
      if (spdx == 0) complain(1, "no \"SPDX-License-Identifier: MIT\" opens it")
      else if (!told && file !~ /(^|\/)CMakeLists.txt$/) complain(spdx + 1, "no sentence after the SPDX line says what it is")
      if (file ~ /\.hpp$/ && !once) complain(1, "no #pragma once")
      if (lines > longest && file !~ /\.inc$/) complain(lines, "longer than " longest " lines: this is more than one idea")
    }
    FNR == 1 { close_file(); file = FILENAME; spdx = told = once = 0; script = /^#!/ || /^# shellcheck/ }
    { lines = FNR }
    FNR <= (script ? 2 : 1) && /SPDX-License-Identifier: MIT([ \t]*\*\/)?$/ && is_comment($0) { spdx = FNR; next }
    spdx && FNR == spdx + 1 && is_comment($0) && words($0) >= 3 { told = 1 }
    /^#pragma once$/ { once = 1 }
    /[ \t]$/ { complain(FNR, "space at the end of the line") }
    END { close_file() }
  ' "$@"
}

mapfile -t opened < <(
  sources
  files '*.cmake' 'CMakeLists.txt' '*/CMakeLists.txt' '*.sh' .clang-format .clang-tidy enlighten .ci/run
)
while IFS=$'\t' read -r place text; do
  problem "$place" "$text"
done < <(look_at "${opened[@]}")

# Every top folder says in a page what it is; docs are that themselves.
while IFS= read -r folder; do
  if [ ! -f "$folder/README.md" ]; then
    problem "$folder" "has no README.md"
  elif [ "$(wc -l <"$folder/README.md")" -gt "$longest_readme" ]; then
    problem "$folder/README.md" "longer than a page of $longest_readme lines"
  fi
done < <(files '*/*' | cut -d/ -f1 | grep -vE '^(\.|docs$)' | sort -u)

# forbid WHY PATTERN [FILES...]: lists every line of the tree that matches. The patterns are written so that they do not
# match themselves.
forbid() {
  local why=$1 pattern=$2 place text
  shift 2
  while IFS=: read -r place text; do
    problem "$place:${text%%:*}" "$why: ${text#*:}"
  done < <(git -c safe.directory='*' grep --no-color -nIP -e "$pattern" -- "$@" || true)
}
# A test that is known to fail is a TODO in KTAP, so the word alone is no offence.
forbid "unfinished" '\b(FIXM[E]|XX[X]|HAC[K]|TODO[:(])'
forbid "unfinished" '(//|/\*)\s*TODO\b' ':!*.md'
forbid "unfinished" '^\s*(#|<!--)\s*TODO\b'
forbid "the name of a mirror" '\b(deb|ftp\d?|security|snapshot|archive|ports|httpredir|cdn-fastly)(\.[a-z]+)?\.(debian|ubuntu|kernel)\.(org|com)\b'
forbid "the name of a mirror" '\bmirrors?\d*\.[a-z0-9-]+\.[a-z]'
forbid "a package source" '^\s*deb(-src)?\s+(\[.*\]\s+)?\w+:/'

finish "opening, length and words of ${#opened[@]} files"
