# SPDX-License-Identifier: MIT
# vCPUs turned off and on again, with work and events for them meanwhile.

# hotplug_test(NAME ROUNDS RUN-ARGUMENT...)
function(hotplug_test name rounds)
  enlighten_boot_test(boot.hotplug.${name} IMAGE tests/hotplug_rounds/hotplug_rounds.img ARGS ${ARGN} EXIT 0
    MATCH "^${rounds} rounds of off and on, " "^1..7$" "verdict=success")
endfunction()

hotplug_test(1000_rounds 1000 --vcpus 4)
hotplug_test(two_level 100 --vcpus 3 --args "events=2l rounds=100")
hotplug_test(gic2 100 --vcpus 2 --gic 2 --args "rounds=100")
hotplug_test(17 51 --vcpus 17 --args "rounds=51")
hotplug_test(without_xen 500 --vcpus 4 --no-xen --args "rounds=500")
enlighten_boot_test(boot.hotplug.one_vcpu IMAGE tests/hotplug_rounds/hotplug_rounds.img ARGS --vcpus 1 EXIT 3)
