# SPDX-License-Identifier: MIT
# Run in dom0 beside the image xenstore: replaces the running xenstored by a fresh copy of its program, which takes over
# all it knows, again and again while the guest asks.
daemon=$(cat /run/xen/xenstored.pid)
# Where a program lies in memory is drawn anew each time that one is started, under whatever number.
memory() { head -n 1 "/proc/$daemon/maps" | cut -d - -f 1; }

updates=0
while [ "$updates" -lt 5 ]; do
  before=$(memory)
  xenstore-control live-update /usr/bin/xenstored || exit 1
  tries=0
  while [ "$(memory)" = "$before" ]; do
    tries=$((tries + 1))
    if [ "$tries" = 100 ]; then
      echo "xenstored is the one it was"
      exit 1
    fi
    sleep 0.1
  done
  updates=$((updates + 1))
  # The guest is to have its turn, too.
  sleep 0.3
done
echo "xenstored was replaced $updates times while $(xl list "$1" | awk 'NR == 2 { print $1 }') was there"
