# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The part of checks_test.sh about citations.
check=$tools/check_references.sh

references() { printf '%s\n' '# References' '| name | what |' '|---|---|' "$@" | put docs/references.md; }

begin
references '| [xen] | Xen |' '| [c++23] | C++ |'
put_source guest/x.cpp '// See [c++23] expr, and words[index] or array[x].' 'int a[x] = b[y] ; int c [z] ;'
printf '%s\n' 'As it is ([xen] xen.h).' 'A [link](guest/x.cpp), `[code]` and' '```' '[fenced] text' '```' | put guest/README.md
passes "a good tree" "$check"

put_source guest/x.cpp '// See [gic] 12.8.' '// [c++23]'
finds "a name without expansion" 'guest/x.cpp:3: \[gic\] is not expanded' "$check"

put_source guest/x.cpp '/* See' '   [gic] 12.8. */' '// [c++23]'
finds "one in a long comment" 'guest/x.cpp:4: \[gic\] is not expanded' "$check"

printf '%s\n' '# SPDX-License-Identifier: MIT' '# A file ([arm] D8).' | put guest/CMakeLists.txt
put_source guest/x.cpp '// [c++23]'
finds "one in a build file" 'guest/CMakeLists.txt:2: \[arm\]' "$check"

begin
references '| [xen] | Xen |' '| [psci] | PSCI |' '| [psci] | PSCI |'
put_source guest/x.cpp '// [psci] 5.6'
finds "a name that is there twice" '\[psci\] is there twice' "$check"
finds "a name that nobody cites" '\[xen\] is cited nowhere' "$check"
