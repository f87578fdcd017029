# SPDX-License-Identifier: MIT
# The examples on as many vCPUs as Xen, or the machine, has for them.

enlighten_boot_test(boot.hello IMAGE examples/hello/hello.img EXIT 0
  MATCH "^Hello from a guest of Xen$" "verdict=success code=0")
enlighten_boot_test(boot.hello.without_xen IMAGE examples/hello/hello.img ARGS --no-xen EXIT 0
  MATCH "^Hello from a guest of Xen$" "xen=none")

# smp_test(VCPUS EVENTS RUN-ARGUMENT...): every vCPU has its line, no event is lost, and each secondary costs what it must.
function(smp_test suffix vcpus events)
  math(EXPR last "${vcpus} - 1")
  # Xen's id has four bits of Aff0 and the rest in Aff1: the two part ways at vCPU 16.
  math(EXPR mpidr "0x80000000 | (${last} & 15) | (${last} >> 4 << 8)" OUTPUT_FORMAT HEXADECIMAL)
  set(lines "^vcpu cpu=0 xen_vcpu=0 mpidr=0x80000000 vcpu_info=0x[0-9a-f]+ events=${events}$"
    "^vcpu cpu=${last} xen_vcpu=${last} mpidr=${mpidr} vcpu_info=0x[0-9a-f]+ events=${events}$"
    "^${vcpus} of ${vcpus} vCPUs online$")
  if(vcpus EQUAL 1)
    list(APPEND lines "^one vCPU has nobody to send events to$")
  else()
    math(EXPR sent "${vcpus} * (${vcpus} - 1) * 4")
    list(APPEND lines "^events sent=${sent} received=${sent} lost=0$")
  endif()
  if(vcpus GREATER 1 AND events STREQUAL fifo)
    list(APPEND lines "calls_per_secondary=3( |$)")  # CPU_ON, register_vcpu_info, init_control
  elseif(vcpus GREATER 1 AND events STREQUAL 2l)
    list(APPEND lines "calls_per_secondary=2( |$)")
  elseif(vcpus GREATER 1)
    list(APPEND lines "calls_per_secondary=1( |$)")
  endif()
  enlighten_boot_test(boot.smp.${suffix} IMAGE examples/smp/smp.img ARGS --vcpus ${vcpus} ${ARGN} EXIT 0 MATCH ${lines})
endfunction()

foreach(vcpus IN ITEMS 1 2 4 8)
  smp_test(${vcpus} ${vcpus} fifo --gic 2)
endforeach()
smp_test(17 17 fifo)
smp_test(28 28 fifo)
smp_test(4_two_level 4 2l --args "events=2l")
smp_test(17_two_level 17 2l --args "events=2l")
smp_test(4_fifo 4 fifo --args "events=fifo")
smp_test(17_by_device_tree 17 fifo --args "identity=device_tree")
smp_test(17_direct 17 fifo --args "identity=direct")
smp_test(33_without_xen 33 none --no-xen)
smp_test(8_without_xen 8 none --no-xen --gic 2)

foreach(gic IN ITEMS 2 3)
  add_test(NAME boot.smp.started_at_el2_gic${gic} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/started_at_el2.sh ${gic} 4)
  enlighten_is_boot_test(boot.smp.started_at_el2_gic${gic})
endforeach()

enlighten_boot_test(boot.smp.unknown_events IMAGE examples/smp/smp.img ARGS --args "events=3l" EXIT 4
  MATCH "bootargs: events=3l is not one of auto, fifo, 2l")

foreach(events IN ITEMS fifo 2l)
  enlighten_boot_test(boot.events.${events} IMAGE examples/events/events.img ARGS --args "events=${events}" EXIT 0
    MATCH "cpu 1. an event on port [0-9]+, handled by vCPU 1$" "sent while masked. pending: true$" "out of port [0-9]+: 1 event$")
endforeach()
enlighten_boot_test(boot.events.without_xen IMAGE examples/events/events.img ARGS --no-xen EXIT 3 MATCH "^not on Xen: ")

enlighten_boot_test(boot.hotplug_example IMAGE examples/hotplug/hotplug.img ARGS --vcpus 4 --args "rounds=7" EXIT 0
  MATCH "cpu 3 is off. 3 of 4 CPUs are online$" "^rounds=7 events sent=7 received=7$")
enlighten_boot_test(boot.hotplug_example.without_xen IMAGE examples/hotplug/hotplug.img ARGS --vcpus 4 --no-xen EXIT 0
  MATCH "^rounds=5 events sent=0 received=0$")
enlighten_boot_test(boot.timer_example IMAGE examples/timer/timer.img ARGS --vcpus 4 EXIT 0
  MATCH "cpu 3. 10 ticks, 8 ms apart$" "the time of day is not known here$" "^ticks=40 early=0$")
enlighten_boot_test(boot.timer_example.without_xen IMAGE examples/timer/timer.img ARGS --vcpus 8 --no-xen --gic 2 EXIT 0
  MATCH "^ticks=80 early=0$")

# Two guests of one boot: each with its own lines, its own tests, and its own verdict; the run's is the worse one.
enlighten_boot_test(boot.two_guests IMAGE examples/hello/hello.img ARGS --name a --event-channel 10:b:11
  + examples/smp/smp.img --name b --vcpus 2 EXIT 0
  MATCH "^a: Hello from a guest of Xen$" "^b: 2 of 2 vCPUs online$" "^enlighten: a: success" "^enlighten: b: success")
enlighten_boot_test(boot.two_guests.one_fails IMAGE examples/hello/hello.img ARGS
  + tests/crash/crash.img --args "how=return_7" EXIT 5
  MATCH "^enlighten: hello: success" "^enlighten: crash: failure: the program returned 7$"
  "^enlighten: failure: crash: the program returned 7$")
enlighten_boot_test(boot.two_guests.one_name IMAGE examples/hello/hello.img ARGS + examples/hello/hello.img EXIT 4
  MATCH "two guests are called hello. give one another name with --name")

# What is recorded comes out as tracks and arrows; a guest that cannot record says so, and which ring it cannot have.
add_test(NAME boot.trace COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/trace_test.sh)
enlighten_is_boot_test(boot.trace)
enlighten_boot_test(boot.trace.without_recording IMAGE examples/hello/hello.img ARGS --trace trace.json EXIT 4
  MATCH "hello printed no trace: did it come to its end, and is it linked without NO_TRACE")
enlighten_boot_test(boot.trace.panic IMAGE tests/crash/crash.img ARGS --args "how=null on=2 trace=64" EXIT 6
  MATCH "^trace of cpu 2, the last [0-9]+ of [0-9]+ entries, in microseconds before this panic:$"
  "^ +[0-9]+  task_begin a=0x0 b=0x[0-9a-f]+$")
enlighten_boot_test(boot.trace.no_such_ring IMAGE examples/smp/smp.img ARGS --args "trace=4" EXIT 4
  MATCH "bootargs: trace=4 is not a number from 16 to 1048576")
