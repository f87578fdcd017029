# SPDX-License-Identifier: MIT
# Every way a guest can end, each with its verdict and with what a reader must be told; and boots from odd places.

# crash_test(NAME HOW EXIT REGEX...)
function(crash_test name how exit)
  enlighten_boot_test(boot.crash.${name} IMAGE tests/crash/crash.img ARGS --args "how=${how}" EXIT ${exit} MATCH ${ARGN})
endfunction()

crash_test(null_pointer null 6 "panic cpu=0 vcpu=0" "data abort: translation fault .*, writing" "far 0x0000000000000000$"
  "#0 pc=0x.*store_to.* at tests/images/crash/crash.cpp:[0-9]+" "^enlighten: crash: ")
crash_test(store_to_constant constant 6 "data abort: permission fault .*, writing" "#0 pc=0x.*store_to")
crash_test(execute_heap run_data 6 "instruction abort: permission fault")
crash_test(stack_overflow "stack on=2" 6
  "panic cpu=2 vcpu=2 reason=.stack overflow: cpu 2 ran into the guard page" "#1 pc=0x.*without_end")
crash_test(abort abort 6 "abort\\(\\) was called" "abort_program.* at tests/images/crash/crash.cpp")
# Whole reports: a line of one CPU's never has anything of the other's in it.
crash_test(two_at_once "together on=1" 6 "^enlighten: panic cpu=0 vcpu=0 reason=.both at once, here cpu 0.$"
  "^enlighten: panic cpu=1 vcpu=1 reason=.both at once, here cpu 1.$")
crash_test(power_off power_off 0 "success: switched itself off")
crash_test(reboot reboot 0 "success: asked for a restart")
crash_test(failure return_7 5 "failure: the program returned 7")
crash_test(skip return_3 3 "skip: the program returned 3")
enlighten_boot_test(boot.crash.hang IMAGE tests/crash/crash.img ARGS --args "how=hang" --timeout 5 EXIT 124
  MATCH "^enlighten: timeout: ")
enlighten_boot_test(boot.crash.without_xen IMAGE tests/crash/crash.img ARGS --args "how=null" --no-xen EXIT 6
  MATCH "data abort: translation fault")

enlighten_boot_test(boot.handover IMAGE tests/handover/handover.img ARGS --vcpus 4 EXIT 0
  MATCH "^ok 1 the boot CPU is vCPU 3$" "an IPI reaches vCPU 0$" "^1..12$")
enlighten_boot_test(boot.handover.two_level IMAGE tests/handover/handover.img ARGS --vcpus 4 --gic 2 --args "events=2l"
  EXIT 0 MATCH "events=2l" "a loop of events works on vCPU 0$" "^1..12$")
enlighten_boot_test(boot.moved_tree IMAGE tests/moved_tree/moved_tree.img EXIT 0 MATCH "^1..2$")
enlighten_boot_test(boot.moved_tree.without_xen IMAGE tests/moved_tree/moved_tree.img ARGS --no-xen EXIT 0 MATCH "^1..2$")

enlighten_boot_test(boot.too_many_vcpus IMAGE examples/smp/smp.img ARGS --vcpus 33 EXIT 4
  MATCH "Xen panicked: .*Device tree generation failed" "4 KiB")
add_test(NAME boot.broken_tree COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/broken_tree.sh)
enlighten_is_boot_test(boot.broken_tree)
