#!/bin/bash
# SPDX-License-Identifier: MIT
# Tests that .clang-tidy finds every mistake of mistakes.cpp, where it stands and by the check that it names: in the file
# by itself, and in a source that includes it, as tools/check_tidy.sh makes them.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."

together=$(mktemp -d)
trap 'rm -rf "$together"' EXIT
printf '#include "%s"  // NOLINT(bugprone-suspicious-include)\n' "$PWD/tests/tidy/mistakes.cpp" >"$together/batch.cpp"
missed=0
for source in tests/tidy/mistakes.cpp "$together/batch.cpp"; do
  found=$("${CLANG_TIDY:-clang-tidy-19}" --quiet --config-file=.clang-tidy "$source" -- -std=c++23 -Ibase/include 2>/dev/null ||
    true)
  while IFS=: read -r line text; do
    check=${text##*expect: }
    if ! grep -qE "mistakes\.cpp:$line:.*\[$check[],]" <<<"$found"; then
      echo "line $line: $check does not see this from $source: ${text%%//*}" >&2
      missed=$((missed + 1))
    fi
  done < <(grep -nE '// expect: ' tests/tidy/mistakes.cpp)
done
exit $((missed != 0))
