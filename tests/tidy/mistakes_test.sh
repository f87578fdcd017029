#!/bin/bash
# SPDX-License-Identifier: MIT
# Tests that .clang-tidy finds every mistake of mistakes.cpp, where it stands and by the check that it names.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

found=$("${CLANG_TIDY:-clang-tidy-19}" --quiet tests/tidy/mistakes.cpp -- -std=c++23 -Ibase/include 2>/dev/null || true)
missed=0
while IFS=: read -r line text; do
  check=${text##*expect: }
  if ! grep -qE "mistakes\.cpp:$line:.*\[$check[],]" <<<"$found"; then
    echo "line $line: $check does not see this: ${text%%//*}" >&2
    missed=$((missed + 1))
  fi
done < <(grep -nE '// expect: ' tests/tidy/mistakes.cpp)
exit $((missed != 0))
