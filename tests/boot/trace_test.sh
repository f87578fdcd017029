#!/bin/bash
# SPDX-License-Identifier: MIT
# Boots `events` with --trace and looks at what was written: trace_test.sh [RUN-ARGUMENT...]
#
# A track for each vCPU, an arrow to each vCPU that was turned on, as many arrows from sends to deliveries as there are
# ports that were sent to; and no line of the trace among the guest's own.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
command=${ENLIGHTEN_COMMAND:-$root/build/host/runner/enlighten}
images=${ENLIGHTEN_IMAGES:-$root/build/aarch64}
trace=$(mktemp)
trap 'rm -f "$trace"' EXIT

output=$("$command" run "$images/examples/events/events.img" --vcpus 4 --trace "$trace" "$@" 2>&1) || {
  echo "$output"
  exit 1
}
failed=0
# expect WHAT NUMBER REGEX: so many events match, each of which is one line here.
expect() {
  local found
  found=$(sed 's/},{/}\n{/g' "$trace" | grep -cE -e "$3" || true)
  if [ "$found" -ne "$2" ]; then
    echo "FAILED: $1: $found instead of $2"
    failed=1
  fi
}
expect "tracks" 4 '"name":"thread_name"'
expect "arrows to CPUs turned on" 3 '"ph":"f".*"name":"turns on"'
expect "sends" 3 '"ph":"X".*"name":"event send"'
expect "arrows from sends" 3 '"ph":"s".*"name":"event on port'
expect "arrows to deliveries" 3 '"ph":"f".*"name":"event on port'
if grep -E 'enlighten: trace' <<<"$output"; then
  echo "FAILED: lines of the trace are shown"
  failed=1
fi
[ "$failed" = 0 ] || echo "$output"
exit "$failed"
