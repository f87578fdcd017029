#!/bin/sh
# SPDX-License-Identifier: MIT
# The first program of dom0: starts Xen's daemons, creates the guests, and tells the runner how it goes.
#
# QEMU gives dom0 a serial port for lines to the runner, and one for each guest's console:
#   said TEXT             xl's words
#   created N, refused N  xl has made guest N, or has not
#   ended N               guest N is there no more
#   script TEXT           what the user's script prints
#   script-ended STATUS   that it has ended
#   shell-ended           the user has left the shell
#   failed TEXT           there will be no guests
export PATH=/usr/bin HOME=/
/usr/bin/busybox mount -t devtmpfs dev /dev
/usr/bin/busybox --install -s /usr/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mkdir -p /run/lock /run/xen /run/xenstored /var/lib/xenstored /dev/pts
mount -t devpts pts /dev/pts
# As udev would have them; what reads its standard input by name would else wait for them for ever.
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
for module in $(cat /usr/lib/modules/order); do
  insmod "$module"
done
hostname dom0

# QEMU's ports appear when the driver has talked to it.
# A name is there a little before what it stands for. With nobody to tell, an init that ends makes the kernel panic,
# which the runner sees.
await_port() {
  tries=0
  until [ -c "$1" ] && (: >"$1") 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || exit 1
    sleep 0.1
  done
}
await_port /dev/vport0p1
exec 9>/dev/vport0p1
say() {
  echo "$*" >&9
}
fail() {
  say "failed $*"
  exec sleep 1000000
}
# prefix WORD: every line that arrives goes to the runner behind that word.
prefix() {
  while IFS= read -r line || [ -n "$line" ]; do
    say "$1 $line"
  done
}

mount -t xenfs xenfs /proc/xen || fail "/proc/xen cannot be mounted"
grep -q control_d /proc/xen/capabilities || fail "Xen does not take this for dom0"
# Pages given back now are there for what is mapped of guests later; else the kernel looks for memory to plug in.
target=/sys/devices/system/xen_memory/xen_memory0/target_kb
read -r kib <$target && echo $((kib - 32768)) >$target
xenstored --pid-file=/run/xen/xenstored.pid || fail "xenstored does not start"
xen-init-dom0 >/dev/null || fail "xen-init-dom0 fails"
# What a guest prints goes to its port instead of to a file: whole, at once, and no faster than the runner reads it.
for guest in /guests/*; do
  port=/dev/vport0p$((${guest#/guests/} + 1))
  await_port $port
  ln -s $port "/var/log/xen/console/guest-$(cat "$guest/name").log"
done
xenconsoled --pid-file=/run/xen/xenconsoled.pid --log=guest --log-dir=/var/log/xen/console ||
  fail "xenconsoled does not start"

# await N NAME: until the domain is gone, of which Xen is asked: xenstored, which has the names, may be started anew. xl's
# words about that are in a log of its own.
await() {
  id=$(xl domid "$2" 2>/dev/null)
  while [ -n "$id" ] && xl list "$id" >/dev/null 2>&1; do
    sleep 1
  done
  tail -n 3 "/var/log/xen/xl-$2.log" | prefix said
  say "ended $1"
}
names=
for guest in /guests/*; do
  number=${guest#/guests/}
  name=$(cat "$guest/name")
  { xl create -q "$guest/config" 2>&1; echo $? >"/run/created.$number"; } | prefix said
  if [ "$(cat "/run/created.$number")" = 0 ]; then
    say "created $number"
    await "$number" "$name" &
    names="$names $name"
  else
    say "refused $number"
  fi
done

# What the user gave for the two below is found first; the programs of this script are its own.
mkdir -p /root
cd /root || fail "/root is not a folder"
if [ -f /script ]; then
  # shellcheck disable=SC2086
  { PATH=/root:$PATH sh /script $names 2>&1; echo $? >/run/script-status; } | prefix script
  say "script-ended $(cat /run/script-status)"
fi
if [ -f /shell ]; then
  # The driver of QEMU's console has taken the next free name behind that of Xen's.
  PATH=/root:$PATH setsid -c sh -i </dev/hvc1 >/dev/hvc1 2>&1
  say "shell-ended"
fi
while :; do
  sleep 1000000
done
