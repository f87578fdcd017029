#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks that every tracked C and C++ file is formatted as .clang-format says.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

clang_format=${CLANG_FORMAT:-clang-format-19}
command -v "$clang_format" >/dev/null || {
  echo "$clang_format is missing; ./enlighten test installs it" >&2
  exit 2
}

mapfile -t formatted < <(files '*.cpp' '*.hpp' '*.c' '*.h')
# One line a file is enough: clang-format mends them whole.
while IFS=: read -r file line _; do
  problem "$file:$line" "should be formatted: $clang_format -i $file"
done < <("$clang_format" --dry-run "${formatted[@]}" 2>&1 | grep -F "[-Wclang-format-violations]" | sort -t: -k1,1 -u)
finish "format of ${#formatted[@]} files"
