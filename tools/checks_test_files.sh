# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The part of checks_test.sh about what every file owes.
check=$tools/check_files.sh

begin
passes "a good tree" "$check"

echo 'int x;' | put guest/x.cpp
finds "no SPDX line" 'guest/x.cpp:1: no "SPDX' "$check"

printf '%s\n' '// SPDX-License-Identifier: MIT' 'int x;' | put guest/x.cpp
finds "no sentence" 'guest/x.cpp:2: no sentence' "$check"

printf '%s\n' '#!/bin/bash' '# SPDX-License-Identifier: MIT' '# This is a script.' | put guest/x.sh
put_source guest/x.cpp
passes "a script" "$check"
printf '%s\n' '#!/bin/bash' '# This is a script.' '# SPDX-License-Identifier: MIT' | put guest/x.sh
finds "the SPDX line of a script too late" 'guest/x.sh:1: no "SPDX' "$check"

begin
printf '%s\n' '// SPDX-License-Identifier: MIT' '// This is a header.' | put guest/x.hpp
finds "a header that can be included twice" 'guest/x.hpp:1: no #pragma once' "$check"

begin
put_source guest/x.cpp 'int x; '
finds "space at the end of a line" 'guest/x.cpp:3: space at the end' "$check"

begin
seq -f '// line %g' 1 400 | { mapfile -t lines; put_source guest/x.cpp "${lines[@]}"; }
finds "a file that is too long" 'guest/x.cpp:402: longer than 400 lines' "$check"

begin
git -C "$tree" rm -q --cached guest/README.md && rm "$tree/guest/README.md"
finds "a folder without README" 'guest: has no README.md' "$check"
seq 1 61 | put guest/README.md
finds "a README of more than a page" 'guest/README.md: longer than a page' "$check"

begin
for word in 'TO''DO: this' 'FIX''ME' 'XX''X'; do
  put_source guest/x.cpp "// $word"
  finds "$word" 'guest/x.cpp:3: unfinished' "$check"
done
put_source guest/x.cpp '// The KTAP directive TO''DO is a known failure.'
passes "the word where it means something else" "$check"

begin
for host in deb.deb''ian.org ftp.de.deb''ian.org security.deb''ian.org mirr''or.example.org; do
  echo "get http://$host/debian" | put guest/notes.txt
  finds "$host" 'guest/notes.txt:1: the name of a mirror' "$check"
done
echo 'deb [arch=arm64] http://example.org bookworm main' | put guest/notes.txt
finds "a package source" 'guest/notes.txt:1: a package source' "$check"

begin
git -C "$tree" rm -rq --cached .
finds "a tree that tracks nothing" 'no tracked file' "$check"
