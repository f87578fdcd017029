#!/bin/bash
# SPDX-License-Identifier: MIT
# A xenstore that comes when the guest is there already: late_store_test.sh FOLDER PACKAGES PROGRAMS, with Debian's packages
# for arm64, unpacked, and the programs for dom0.
#
# Promised: a domain that Xen makes as it boots beside a dom0 (xen,enhanced) is told of a xenstore whose page is yet to
# come; whoever asks waits for it, and then all is as under xl. The runner makes domains either by Xen or by xl: a run with
# xl gives kernel, file system and device tree of a dom0, and to that tree a domain is added.
set -euo pipefail
here=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")")
root=$here/../..
command=${ENLIGHTEN_COMMAND:-$root/build/host/runner/enlighten}
images=${ENLIGHTEN_IMAGES:-$root/build/aarch64}
folder=$1
image=$images/tests/xenstore/xenstore.img
for needed in "$command" "$image" "$3/introduce"; do
  [ -e "$needed" ] || { echo "$needed is missing: ./enlighten test builds it" >&2; exit 2; }
done
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

# Its script sees that there is nothing for it to do.
program=$(ls "$2"/xen-utils-*/usr/lib/xen-*/bin/init-dom0less)
"$command" run "$images/examples/hello/hello.img" --toolstack xl --timeout 200 --report dom0.json \
  --dom0-run "$here/toolstack/late_store.sh" --dom0-file "$3/introduce" --dom0-file "$program" >first.txt 2>&1 ||
  { cat first.txt; echo "FAILED: there is no dom0"; exit 1; }

domain=/chosen/domU1
module=$domain/module@4d000000
tree=late.dtb
cp dom0.machine.dtb $tree
fdtput -c $tree $domain $module
fdtput -t s $tree $domain compatible xen,domain
fdtput -t x $tree $domain '#address-cells' 2
fdtput -t x $tree $domain '#size-cells' 2
fdtput -t x $tree $domain memory 0 20000
fdtput -t x $tree $domain cpus 4
fdtput -t s $tree $domain xen,enhanced enabled
fdtput -t s $tree $module compatible multiboot,kernel multiboot,module
fdtput -t x $tree $module reg 0 4d000000 0 "$(printf %x "$(stat -c %s "$image")")"
fdtput -t s $tree $module bootargs "operations=640"

# QEMU as it was started, with more memory, that tree, the image, and files in place of the runner's sockets.
qemu=$(head -n 1 dom0.qemu.log | sed -E "s#[^ ]*dom0\.machine\.dtb#$tree#; s# -m [0-9]+ # -m 1536 #
  s#socket,id=(port[0-9]+),fd=[0-9]+#file,id=\1,path=\1.txt#g
  s# -no-reboot# -device 'loader,file=$image,addr=0x4d000000,force-raw=on' -no-reboot#")
eval "exec $qemu" >serial.txt 2>qemu.txt </dev/null &
machine=$!
trap 'kill $machine 2>/dev/null || true; wait $machine 2>/dev/null || true' EXIT

tries=0
until grep -aq 'enlighten: end verdict=' serial.txt; do
  tries=$((tries + 1))
  if [ $tries = 800 ] || ! kill -0 $machine 2>/dev/null; then
    tail -n 50 serial.txt qemu.txt port1.txt
    echo "FAILED: the guest does not come to its end"
    exit 1
  fi
  sleep 0.2
done
cat serial.txt port1.txt
for wanted in '# Totals: pass:9 fail:0 skip:1' 'connections=1 late=0 unasked=0 malformed=0' 'verdict=success'; do
  grep -aq "(d1) .*$wanted" serial.txt || { echo "FAILED: no line of the guest has $wanted"; exit 1; }
done
grep -aq '^script domain 1 has a xenstore$' port1.txt || { echo "FAILED: the xenstore was not made"; exit 1; }
