# SPDX-License-Identifier: MIT
# vchan on real Xen: between two domains, which Xen's default policy would keep apart, without xenstore and with it; and
# with libxenvchan in domain 0, which it lets through.
enlighten_boot_test(boot.vchan.pair IMAGE tests/vchan/vchan.img
  ARGS --name server --vcpus 2 --args "side=server peer=2 by=page bytes=4194304" --xen-args xsm=dummy
    + tests/vchan/vchan.img --name client --vcpus 2 --args "side=client peer=1 by=page bytes=4194304"
  EXIT 0
  MATCH "^server: # Totals: pass:3 fail:0 skip:0$" "^client: # Totals: pass:3 fail:0 skip:0$")

# With both ends in one domain.
enlighten_boot_test(boot.vchan.manners IMAGE tests/vchan/vchan.img ARGS --args "side=manners" EXIT 0
  MATCH "^# Totals: pass:2 fail:0 skip:0$")

# The client's domain is destroyed in the end, which is a crash to the runner.
xl_test(vchan.pair tests/vchan/vchan.img 6
  --name server --vcpus 2 --args "side=server peer=2 bytes=1048576 end=destroyed" --xen-args xsm=dummy
    --dom0-run ${files}/vchan_destroy.sh
    + tests/vchan/vchan.img --name client --vcpus 2 --args "side=client peer=1 bytes=1048576 end=destroyed"
  MATCH "^server: # after 0 bytes more: vchan: domain 2 has gone: nobody is at the other end of port [0-9]+$"
    "^server: # Totals: pass:4 fail:0 skip:0$" "^enlighten: server: success: ")

# 2 MiB each way in each of four sessions, for on a busy machine it is the change between domains that takes the time.
file(READ toolstack/vchan_bytes bytes)
string(STRIP "${bytes}" bytes)
xl_test(vchan.dom0 tests/vchan/vchan.img 0
  --args "side=dom0 peer=0 bytes=${bytes}" --dom0-run ${files}/vchan.sh --dom0-file ${files}/vchan_bytes
    --dom0-file ${PROJECT_BINARY_DIR}/tests/dom0/vchan_peer
  MATCH "^dom0: session 4 took [0-9]+ s$" "^dom0: session 6: killed while it was sending$"
    "^# after [1-9][0-9]* bytes more: vchan: the client has gone$"
    "^# after [1-9][0-9]* bytes more: vchan: the server has gone$" "^# Totals: pass:6 fail:0 skip:0$")
