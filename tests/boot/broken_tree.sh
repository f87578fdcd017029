#!/bin/bash
# SPDX-License-Identifier: MIT
# Boots smp on a bare machine whose device tree has been damaged: each time the guest must say, on the console of that
# same tree, which node and which property is wrong, and end with the verdict error.
#
# The enlighten command makes no such trees, and what becomes of all other damage is tested on the host
# (guest/device_tree_errors_test.cpp): here it is about the way of an error to the console.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
image=${ENLIGHTEN_IMAGES:-$root/build/aarch64}/examples/smp/smp.img
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
machine=(qemu-system-aarch64 -machine virt,gic-version=3 -cpu cortex-a53 -smp 2 -m 128 -nic none -display none -monitor none
  -no-reboot)
"${machine[@]}" -machine "dumpdtb=$work/good.dtb" >/dev/null 2>&1
failures=0

# boots_with WORDS FDTPUT-ARGUMENT...: after that change to the tree, the guest must say WORDS.
boots_with() {
  local words=$1 output
  shift
  cp "$work/good.dtb" "$work/bad.dtb"
  fdtput "$work/bad.dtb" "$@"
  output=$(timeout 60 "${machine[@]}" -serial stdio -dtb "$work/bad.dtb" -kernel "$image" </dev/null) || {
    output+=$'\nQEMU did not end by itself'
  }
  echo "$output"
  for line in "cannot start: $words" 'end verdict=error code=4'; do
    grep -qF -e "$line" <<<"$output" || {
      echo "FAILED: no line has $line"
      failures=$((failures + 1))
    }
  done
}

boots_with 'device tree: /cpus: property "#address-cells" is 3, expected 1 or 2' -t x /cpus '#address-cells' 3
boots_with 'device tree: /cpus/cpu@1: property "reg" has 8 bytes, expected 4' -t x /cpus/cpu@1 reg 0 1
boots_with 'device tree: /timer: property "interrupts" has 24 bytes, expected at least 36' -t x /timer interrupts 1 13 4 1 14 4
boots_with 'device tree: no GIC of version 2 or 3' -t s /intc@8000000 compatible arm,gic-v9
exit $((failures != 0))
