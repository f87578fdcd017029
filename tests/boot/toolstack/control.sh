# SPDX-License-Identifier: MIT
# Run in dom0 beside the image control, with the guest's name: asks of it all that a toolstack can ask.
home=/local/domain/$(xl domid "$1")
name=$1

. ./until_so.sh

node_is() { [ "$(xenstore-read "$home/$1" 2>/dev/null)" = "$2" ]; }
# Of those vCPUs that are off, Xen says "--p".
vcpus_on() { [ "$(xl vcpu-list "$name" | awk 'NR > 1 && $5 !~ /p/' | wc -l)" = "$1" ]; }

until_so "it takes requests" node_is control/feature-poweroff 1
node_is control/feature-reboot 1 || exit 1
xl vcpu-set "$name" 2
until_so "two vCPUs are off" vcpus_on 2
xl vcpu-set --ignore-host "$name" 4
until_so "and on again" vcpus_on 4
# xl never asks for this one, on which everything began.
xenstore-write "$home/cpu/0/availability" offline
until_so "the first one is off" vcpus_on 3
xenstore-write "$home/cpu/0/availability" online
until_so "and on, too" vcpus_on 4
# In MiB, as Xen has it. What `xl mem-set` would write is written here: xl 4.17 aborts for a domain on Arm (libxl.c:337,
# libxl_defbool_val).
set_memory() { xenstore-write "$home/memory/target" $(($1 << 10)); }
memory() { xl list "$name" | awk 'NR == 2 { print $3 }'; }
memory_is() { [ "$(memory)" = "$1" ]; }
before=$(memory)
set_memory $((before - 40))
until_so "40 MiB are given back" memory_is $((before - 40))
set_memory $((before - 10))
until_so "30 MiB are back" memory_is $((before - 10))
set_memory "$before"
until_so "and all the rest" memory_is "$before"
xl sysrq "$name" h
until_so "the key is taken" node_is control/sysrq ""
xl pause "$name"
xl unpause "$name"
xenstore-write "$home/control/shutdown" suspend
sleep 1
node_is control/shutdown suspend && echo "it does not suspend"
xl shutdown "$name"
