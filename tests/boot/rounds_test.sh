#!/bin/bash
# SPDX-License-Identifier: MIT
# Many runs of a guest on the model: rounds_test.sh FOLDER, which receives what they printed.
#
# Promised: a thousand rounds start the guest's program at most once for each processor; a round is what a run with its seed
# alone is; they end with the first that does not succeed, and say which that was; each has the time that was asked for, and
# then the program is gone; so it is when the command itself is ended.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
command=${ENLIGHTEN_COMMAND:-$root/build/host/runner/enlighten}
programs=${ENLIGHTEN_IMAGES:-$root/build/model}/examples
storm=${ENLIGHTEN_IMAGES:-$root/build/model}/tests/event_storm/event_storm
folder=$1
for needed in "$command" "$programs/hello/hello" "$programs/events/events" "$storm"; do
  [ -e "$needed" ] || { echo "$needed is missing: ./enlighten test builds it" >&2; exit 2; }
done
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

fail() {
  cat output.txt
  echo "FAILED: $*"
  exit 1
}
# rounds EXIT PROGRAM ARGUMENT...: and no other exit code.
rounds() {
  local expected=$1 status=0
  shift
  "$command" run "$1" --model --report report.json "${@:2}" >output.txt 2>&1 || status=$?
  [ $status = "$expected" ] || fail "the exit code is $status, not $expected"
}
said() { grep -Eq -e "$1" output.txt || fail "no line matches $1"; }
# program NAME LINE...: a program of the host's.
program() {
  printf '#!/bin/sh\n' >"$1"
  printf '%s\n' "${@:2}" >>"$1"
  chmod +x "$1"
}
gone() {
  local tries=0
  while kill -0 "$1" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "the program $1 is still there"
    sleep 0.1
  done
}

program counted "echo started >>'$folder/starts'" "exec '$programs/hello/hello' \"\$@\""
rounds 0 ./counted --rounds 1000
said ', seed 1000, 1000 of 1000 runs, '
starts=$(wc -l <starts)
[ "$starts" -le "$(nproc)" ] || fail "$starts programs were started for 1000 rounds"
[ "$(grep -c '^Hello from a guest of Xen$' output.txt)" = 1 ] || fail "more is shown than the last round"

# What this program prints depends on the order of its vCPUs.
lines() { grep -v '^enlighten: ' output.txt; }
rounds 0 "$programs/events/events" --rounds 3
lines >among_others.txt
rounds 0 "$programs/events/events" --seed 3
lines >alone.txt
rounds 0 "$programs/events/events" --seed 2
lines >another.txt
cmp among_others.txt alone.txt || fail "round 3 is not what seed 3 is"
! cmp -s alone.txt another.txt || fail "seeds 2 and 3 print the same: nothing is compared here"

# Of steps enough for none: the model says so, once.
program short "exec '$programs/hello/hello' --steps 20 \"\$@\""
rounds 6 ./short --seed 5 --rounds 1000
said ', seed 5, 1 of 1000 runs, '
said '^enlighten: crash: no end in sight$'
[ "$(grep -c '^enlighten: no end in sight$' output.txt)" = 1 ] || fail "the model's words are not those of one round"
grep -q -- '--seed 5 ' report.model.log || fail "the command in the log is not that of the round"

program killed 'kill -KILL $$'
rounds 6 ./killed --rounds 10
said '^enlighten: crash: its program ended by signal KILL$'

program slow "echo \$\$ >'$folder/slow.pid'" 'exec sleep 1000'
rounds 124 ./slow --timeout 1
said '^enlighten: timeout: the guest did not end in time: 1 s have passed and it has printed nothing$'
gone "$(cat slow.pid)"

rm slow.pid
"$command" run ./slow --model --report report.json >output.txt 2>&1 &
until [ -s slow.pid ]; do sleep 0.1; done
kill -TERM $!
wait $! && fail "it succeeds although it was ended" || true
gone "$(cat slow.pid)"

# Ended in a way that leaves it no chance, in the middle of a round that would go on for minutes in silence.
program endless "echo \$\$ >'$folder/endless.pid'" "exec '$storm' --steps 10000000000 \"\$@\""
"$command" run ./endless --model --report report.json --args messages=100000000 >output.txt 2>&1 &
round=
until [ -n "$round" ]; do
  sleep 0.1
  [ -s endless.pid ] && round=$(cat "/proc/$(cat endless.pid)/task/$(cat endless.pid)/children")
done
kill -KILL $!
wait $! || true
gone "$(cat endless.pid)"
gone "${round% }"
