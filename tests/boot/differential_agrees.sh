#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs random programs on real Xen and on the model, which must answer alike; and on two releases of the model, which
# differ, for the shortest program that shows it.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
command=${ENLIGHTEN_COMMAND:-$root/build/host/runner/enlighten}

fail() {
  echo "$output"
  echo "FAILED: $*"
  exit 1
}

# The seed is one that has not been looked at while the model was written.
output=$("$command" differential --seed 2026 --programs 300) || fail "real Xen and the model differ"
grep -E "^enlighten: 300 programs with 9[0-9]{3} steps on Xen .*: 0 differ, in 0 ways$" <<<"$output" ||
  fail "they did not run what they should"

status=0
output=$("$command" differential --other 4.18 --release 4.17 --programs 100) || status=$?
[ "$status" = 5 ] || fail "the exit code is $status, not 5"
for expected in \
  "1 of 30 steps show it" \
  "the model of 4.18 answers -16, the model of 4.17 -22" \
  "{{0, Operation::register_vcpu_info, {"; do
  grep -qF -e "$expected" <<<"$output" || fail "not there: $expected"
done
echo "4.17 and 4.18 differ, and it is shown how"
