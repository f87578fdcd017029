# SPDX-License-Identifier: MIT
# vchan on real Xen: between two domains, which Xen's default policy would keep apart, without xenstore and with it.
enlighten_boot_test(boot.vchan.pair IMAGE tests/vchan/vchan.img
  ARGS --name server --vcpus 2 --args "side=server peer=2 by=page bytes=4194304" --xen-args xsm=dummy
    + tests/vchan/vchan.img --name client --vcpus 2 --args "side=client peer=1 by=page bytes=4194304"
  EXIT 0
  MATCH "^server: # Totals: pass:3 fail:0 skip:0$" "^client: # Totals: pass:3 fail:0 skip:0$")
