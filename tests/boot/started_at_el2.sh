#!/bin/bash
# SPDX-License-Identifier: MIT
# Boots smp on a bare machine with virtualization, so at EL2 and with PSCI by SMC: started_at_el2.sh GIC-VERSION CPUS
#
# The enlighten command has no such machine: without Xen its guests start at EL1 and reach PSCI by HVC.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
image=${ENLIGHTEN_IMAGES:-$root/build/aarch64}/examples/smp/smp.img
gic=$1
cpus=$2

output=$(timeout 100 qemu-system-aarch64 -machine "virt,virtualization=on,gic-version=$gic" -cpu cortex-a53 -smp "$cpus" \
  -m 128 -nic none -display none -monitor none -no-reboot -serial stdio -kernel "$image" </dev/null) || {
  echo "$output"
  echo "FAILED: QEMU did not end by itself"
  exit 1
}
echo "$output"
for line in 'xen=none' "$cpus of $cpus vCPUs online" 'lost=0' 'end verdict=success code=0'; do
  grep -q -e "$line" <<<"$output" || { echo "FAILED: no line has $line"; exit 1; }
done
