# SPDX-License-Identifier: MIT
# Grants on real Xen: of a domain to itself, and between two, which Xen's default policy keeps apart.
enlighten_boot_test(boot.grants.alone IMAGE tests/grants/grants.img ARGS --vcpus 4 EXIT 0
  MATCH "^# Totals: pass:7 fail:0 skip:0$" "verdict=success")
enlighten_boot_test(boot.grants.gic2 IMAGE tests/grants/grants.img ARGS --vcpus 8 --gic 2 --memory 64 EXIT 0
  MATCH "^# Totals: pass:7 fail:0 skip:0$" "verdict=success")
# The addresses at which peers' pages are mapped are those of RAM that is given back.
enlighten_boot_test(boot.grants.without_regions IMAGE tests/grants/grants.img ARGS --vcpus 4 --xen-args ext_regions=0 EXIT 0
  MATCH "^# Totals: pass:7 fail:0 skip:0$" "verdict=success")
# Xen would never end that store, nor say anything.
enlighten_boot_test(boot.grants.read_only IMAGE tests/grants/grants.img ARGS --vcpus 1 --args "side=read_only" EXIT 6
  MATCH "data abort: permission fault .*, writing" "#0 pc=0x.*store_to_read_only")
enlighten_boot_test(boot.grants.pair IMAGE tests/grants/grants.img
  ARGS --name first --vcpus 2 --args "side=granter peer=2" --xen-args xsm=dummy
    + tests/grants/grants.img --name second --vcpus 2 --args "side=mapper peer=1"
  EXIT 0
  MATCH "^first: # Totals: pass:1 fail:0 skip:0$" "^second: # Totals: pass:1 fail:0 skip:0$")
enlighten_boot_test(boot.grants.kept_apart IMAGE examples/hello/hello.img
  ARGS --name first + tests/grants/grants.img --name second --args "side=kept_apart peer=1"
  EXIT 0
  MATCH "^second: .*Xen does not map grant 8 of domain 1 \\(-8, GNTST_permission_denied"
    "^second: # Totals: pass:1 fail:0 skip:0$")
