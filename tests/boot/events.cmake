# SPDX-License-Identifier: MIT
# Event channels on real Xen, under either ABI.

# event_test(IMAGE VCPUS [ARG...]): the image's tests pass at FIFO and at 2-level.
function(event_test image vcpus)
  foreach(abi IN ITEMS fifo 2l)
    enlighten_boot_test(boot.${image}.${abi} IMAGE tests/${image}/${image}.img
      ARGS --vcpus ${vcpus} --args "events=${abi}" ${ARGN} EXIT 0
      MATCH "boot xen=.* events=${abi}" "verdict=success")
  endforeach()
endfunction()

event_test(event_await 8 --gic 2)
event_test(event_expand 2)
event_test(event_ops 4)
event_test(event_ports 4)
enlighten_boot_test(boot.event_priority.fifo IMAGE tests/event_priority/event_priority.img
  ARGS --vcpus 2 --args "events=fifo" EXIT 0 MATCH "boot xen=.* events=fifo" "verdict=success")
enlighten_boot_test(boot.event_priority.2l IMAGE tests/event_priority/event_priority.img
  ARGS --vcpus 1 --args "events=2l" EXIT 3 MATCH "SKIP the 2-level ABI has no priorities")
event_test(event_storm 8)
