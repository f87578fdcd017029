#!/bin/bash
# SPDX-License-Identifier: MIT
# Every case has its page, and every page its case: pages_test.sh CONFORMANCE_ON_MODEL.
set -euo pipefail
pages=$(dirname "${BASH_SOURCE[0]}")/pages
cases=$(for domains in 1 2; do "$1" --domains $domains; done | sed -nE 's/^(not )?ok [0-9]+ ([^#]*[^# ])( # SKIP .*)?$/\2/p' | sort -u)
described=$(sed -nE 's/^## //p' "$pages"/*.md | sort -u)
[ -n "$cases" ] || { echo "FAILED: $1 names no case"; exit 1; }
diff <(echo "$cases") <(echo "$described") && exit
echo "FAILED: < is a case without a page in $pages, > a page without a case"
exit 1
