#!/bin/bash
# SPDX-License-Identifier: MIT
# Uses --dom0-shell as a person at a terminal does: shell_test.sh FOLDER, which receives what was on the screen.
#
# Promised: a prompt once the guest is there; keys reach the shell, Ctrl-C among them, which ends a program there and not
# the run; the guest's lines are shown meanwhile; the run ends with the shell, with the guest's verdict, and leaves the
# terminal as it was.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
command=${ENLIGHTEN_COMMAND:-$root/build/host/runner/enlighten}
image=${ENLIGHTEN_IMAGES:-$root/build/aarch64}/tests/control/control.img
for needed in "$command" "$image"; do
  [ -e "$needed" ] || { echo "$needed is missing: ./enlighten test builds it" >&2; exit 2; }
done
folder=$1
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

# The terminal is one of script's; what is typed comes out of a pipe that stays open.
cat >session.sh <<END
stty -g >before
'$command' run '$image' --toolstack xl --dom0-shell --report report.json
echo \$? >status
stty -g >after
END
mkfifo keys
script --quiet --flush --command "bash session.sh" /dev/null <keys >screen 2>&1 &
session=$!
exec 3>keys

fail() {
  cat screen
  echo "FAILED: $*"
  exec 3>&-
  kill "$session" 2>/dev/null || true
  wait "$session" || true
  exit 1
}
on_screen() { tr -d '\r' <screen | grep -Eac -e "$1" >/dev/null; }
# seen REGEX: until a line of the screen matches.
seen() {
  local tries=0
  until on_screen "$1"; do
    tries=$((tries + 1))
    [ $tries -lt 1000 ] || fail "never on the screen: $1"
    kill -0 "$session" 2>/dev/null || fail "the run has ended before this was on the screen: $1"
    sleep 0.2
  done
}
# The key that ends a line sends a return. What is waited for must not match the echo of what was typed.
enter() { printf '%s\r' "$1" >&3; }

seen '^/root # '
enter "xl list control | awk 'NR == 2 { print \$1 \" has \" \$4 \" vCPUs\" }'"
seen '^control has 4 vCPUs$'
enter 'echo now; sleep 1000; echo later'
seen '^now$'
printf '\003' >&3
enter 'echo "after $((2 + 1)) keys"'
seen '^after 3 keys$'
enter 'xl sysrq control h'
# Where the cursor is: behind the prompt.
seen 'key h$'
enter 'xl shutdown control'
seen 'verdict=success'
enter 'exit'
tries=0
until [ -s after ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || fail "the run does not end with the shell"
  sleep 0.2
done
exec 3>&-
wait "$session" || fail "the terminal's program failed"
[ "$(cat status)" = 0 ] || fail "the exit code is $(cat status), not 0"
cmp before after || fail "the terminal is not as it was"
# With colours, as it is a terminal.
on_screen 'success.*: switched itself off$' || fail "the verdict is not that of the guest"
! on_screen '^later' || fail "Ctrl-C has not ended what ran in the shell"
cat screen
