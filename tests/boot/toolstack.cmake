# SPDX-License-Identifier: MIT
# Guests made by the real xl in a Linux dom0.

# What domain 0 is given.
set(files ${CMAKE_CURRENT_SOURCE_DIR}/toolstack)
set(dom0_programs ${PROJECT_BINARY_DIR}/tests/dom0)

# xl_test(NAME IMAGE EXIT RUN-ARGUMENT... MATCH REGEX...)
function(xl_test name image exit)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "MATCH")
  enlighten_boot_test(boot.xl.${name} IMAGE ${image} ARGS --toolstack xl ${arg_UNPARSED_ARGUMENTS} EXIT ${exit}
    MATCH ${arg_MATCH})
endfunction()

xl_test(hello examples/hello/hello.img 0 MATCH "^Hello from a guest of Xen$" "verdict=success code=0")
# Bound to the same counts as without a dom0; the ids part ways from the vCPUs' numbers at 16.
function(xl_smp_test vcpus mpidr)
  math(EXPR last "${vcpus} - 1")
  math(EXPR sent "${vcpus} * (${vcpus} - 1) * 4")
  xl_test(smp.${vcpus} examples/smp/smp.img 0 --vcpus ${vcpus} --timeout 800
    MATCH "^vcpu cpu=${last} xen_vcpu=${last} mpidr=${mpidr} vcpu_info=0x[0-9a-f]+ events=fifo$"
      "^${vcpus} of ${vcpus} vCPUs online$" "^events sent=${sent} received=${sent} lost=0$" "calls_per_secondary=3( |$)")
  if(TEST boot.xl.smp.${vcpus})
    # So many vCPUs on two emulated processors take their time.
    set_tests_properties(boot.xl.smp.${vcpus} PROPERTIES TIMEOUT 900)
  endif()
endfunction()
xl_smp_test(64 0x8000030f)
xl_smp_test(128 0x8000070f)
xl_test(gic2 examples/smp/smp.img 0 --vcpus 8 --gic 2 MATCH "^8 of 8 vCPUs online$" "^events sent=224 received=224 lost=0$")

# Of the domain to itself, and to Linux and from it.
xl_test(grants tests/grants/grants.img 0 --args "side=linux" --dom0-run ${files}/grants.sh
  --dom0-file ${dom0_programs}/grants_peer
  MATCH "^# Totals: pass:9 fail:0 skip:0$" "^dom0: gntdev: 20 pages of the guest's mapped, written and let go$"
    "^dom0: gntalloc: 4 pages granted to the guest, written by it and given up$")
xl_test(events examples/events/events.img 0 MATCH "out of port [0-9]+: 1 event$")
xl_test(timer examples/timer/timer.img 0 MATCH "it is [0-9]+ s after 1970 began$" "^ticks=40 early=0$")
xl_test(hotplug examples/hotplug/hotplug.img 0 --args "rounds=7" MATCH "^rounds=7 events sent=7 received=7$")
xl_test(two_guests ${files}/two_guests.toml 0
  MATCH "^a: Hello from a guest of Xen$" "^b: vcpu cpu=3 .* events=2l$" "^b: 4 of 4 vCPUs online$" "^enlighten: b: success: "
    "booting a with 1 vCPU and b with 4 vCPUs made by xl .* 128 \\+ 96 MiB$")
xl_test(panic tests/crash/crash.img 6 --args "how=abort" MATCH "^enlighten: panic cpu=" "abort_program.*crash.cpp:[0-9]+")

# 10,112 operations, 64 at a time, while xenstored is replaced by a fresh copy that takes over; and against a writer in
# dom0, whose processes leave less time for the rest.
set(no_reply_dropped "connections=1 late=0 unasked=0 malformed=0$")
xl_test(xenstore tests/xenstore/xenstore.img 0 --dom0-run ${files}/live_update.sh
  MATCH "^dom0: xenstored was replaced 5 times while xenstore was there$" "^# 10112 operations, [0-9]+ changes seen$"
    ${no_reply_dropped} "^# Totals: pass:9 fail:0 skip:1$")

xl_test(xenstore_outage tests/xenstore/xenstore.img 0 --args "outage=1" --dom0-run ${files}/outage.sh
  --dom0-file ${files}/until_so.sh --dom0-file ${dom0_programs}/introduce
  MATCH "gone: xenstore: read of name: xenstored has not answered in time$"
    "^dom0: another xenstored has taken over guest 1$" "anew: .*xenstore ring: requests produced"
    "^# Totals: pass:1 fail:0 skip:0$")

xl_test(script examples/hotplug/hotplug.img 5 --args "rounds=300" --dom0-run ${files}/look_around.sh
    --dom0-file ${files}/words --dom0-file ${files}/tell_words
  MATCH "^dom0: guests: hotplug$" "^dom0: xl knows hotplug with 4 vCPUs$" "^dom0: its console is xenconsoled's$"
    "^dom0: a file of the user's$" "^dom0: and a program that reads it: 5 words$" "failure: dom0: the script returned 7$")
xl_test(control tests/control/control.img 0 --timeout 200 --dom0-run ${files}/control.sh --dom0-file ${files}/until_so.sh
  MATCH "^dom0: two vCPUs are off$" "^dom0: and on again$" "^vCPU 0 is off, served by [1-3]$" "^dom0: and on, too$"
    "^dom0: 40 MiB are given back$" "^dom0: 30 MiB are back$" "^dom0: and all the rest$" "^key h$"
    "asks for 'suspend', which is not done here$" "^dom0: it does not suspend$"
    "^poweroff after 1 keys, 3 times off, 3 times on, 4 of 4 vCPUs on, events go round$" "reason=.switched itself off")
xl_test(control_restart tests/control/control.img 0 --dom0-run ${files}/restart.sh --dom0-file ${files}/until_so.sh
  MATCH "^reboot after 0 keys, 0 times off, " "reason=.asked for a restart")
xl_test(watchdog tests/watchdog/watchdog.img 6
  MATCH "^watchdog: the domain has all it can have, which are 2$" "^alive after 3 s, and hanging from now on$"
    "^xl: Action for shutdown reason code 4 is destroy$")
xl_test(console_input tests/console_input/console_input.img 0 --dom0-run ${files}/type_lines.sh
  MATCH "a line of more than 1024 characters$" "^lines=300 wrong=0 refused=1$")
xl_test(uart_input tests/console_input/console_input.img 0 --xl-config ${files}/uart.cfg --args "input=uart"
  --dom0-run ${files}/type_lines.sh MATCH "a line of more than 1024 characters$" "^lines=300 wrong=0 refused=1$")
xl_test(xenstore_rival tests/xenstore/xenstore.img 0 --args "operations=640 rival=1" --dom0-run ${files}/rival.sh
  MATCH "^# 30 transactions took [0-9]+ attempts$" "^dom0: the guest wants no more$" ${no_reply_dropped}
    "^# Totals: pass:10 fail:0 skip:0$")
xl_test(xenbus tests/xenbus/xenbus.img 0 --vcpus 2 MATCH "^# Totals: pass:7 fail:0 skip:0$")
xl_test(own_configuration examples/smp/smp.img 0 --xl-config ${files}/own.cfg MATCH "^3 of 3 vCPUs online$" "smp with 3 vCPUs made by xl on Xen .* 64 MiB")
xl_test(refused examples/hello/hello.img 4 --xl-config ${files}/refused.cfg MATCH "^enlighten: xl says: ")

add_test(NAME boot.xl.shell COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/shell_test.sh ${CMAKE_CURRENT_BINARY_DIR}/boot.xl.shell)
enlighten_is_boot_test(boot.xl.shell)
add_test(NAME boot.late_store
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/late_store_test.sh ${CMAKE_CURRENT_BINARY_DIR}/boot.late_store
    ${ENLIGHTEN_ARM64_PACKAGES} ${dom0_programs})
enlighten_is_boot_test(boot.late_store)
