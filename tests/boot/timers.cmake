# SPDX-License-Identifier: MIT
# Sleeps, clocks and posted work, on Xen and on the bare machine.

# timer_test(NAME RUN-ARGUMENT...)
function(timer_test name)
  enlighten_boot_test(boot.timers.${name} IMAGE tests/timers/timers.img ARGS ${ARGN} EXIT 0
    MATCH "^1..12$" "verdict=success")
endfunction()

timer_test(4 --vcpus 4)
timer_test(two_level --vcpus 8 --gic 2 --args "events=2l")
timer_test(17 --vcpus 17)
timer_test(without_xen --vcpus 4 --no-xen)
