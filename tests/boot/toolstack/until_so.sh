# SPDX-License-Identifier: MIT
# For scripts in dom0, beside which it lies. until_so WHAT COMMAND...: until the command succeeds, which it does within half
# a minute, or the script has failed. Says WHAT then.
until_so() {
  local what=$1 tries=0
  shift
  until "$@"; do
    tries=$((tries + 1))
    if [ "$tries" = 300 ]; then
      echo "$what: never"
      exit 1
    fi
    sleep 0.1
  done
  echo "$what"
}
