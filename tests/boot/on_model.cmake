# SPDX-License-Identifier: MIT
# The examples and the test images on the model of Xen, each in several orders of its vCPUs: what the boots look at, many
# times over.

# enlighten_model_test(NAME FOLDER PROGRAM [ROUNDS n] [ARGS argument...] [EXIT code] [MATCH regex...])
# FOLDER: examples, or tests. Succeeds, or ends with that code, on every one of n seeds; the regexes are for the output
# of the last.
function(enlighten_model_test name folder program)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "ROUNDS;EXIT" "ARGS;MATCH")
  set(expectations)
  foreach(regex IN LISTS arg_MATCH)
    list(APPEND expectations --match ${regex})
  endforeach()
  if(NOT arg_ROUNDS)
    set(arg_ROUNDS 10)
  endif()
  if(NOT arg_EXIT)
    set(arg_EXIT 0)
  endif()
  add_test(NAME ${name}
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/boot_test.sh --logs ${CMAKE_CURRENT_BINARY_DIR}/${name} --exit ${arg_EXIT} ${expectations} --
      ${folder}/${program}/${program} --model --rounds ${arg_ROUNDS} ${arg_ARGS})
  # The program is this build's own, not an image.
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300 ENVIRONMENT "ENLIGHTEN_IMAGES=${PROJECT_BINARY_DIR}")
endfunction()

foreach(schedule IN ITEMS random priority)
  foreach(gic IN ITEMS 2 3)
    enlighten_model_test(model.smp.gic${gic}.${schedule} examples smp ROUNDS 50
      ARGS --schedule ${schedule} --gic ${gic} --vcpus 8 MATCH "^8 of 8 vCPUs online$" "^events sent=224 received=224 lost=0$")
  endforeach()
  foreach(abi IN ITEMS fifo 2l)
    foreach(image IN ITEMS event_await event_expand event_ops event_ports event_storm)
      enlighten_model_test(model.${image}.${abi}.${schedule} tests ${image}
        ARGS --schedule ${schedule} --args "events=${abi}" MATCH "boot xen=.* events=${abi}")
    endforeach()
    enlighten_model_test(model.hotplug_rounds.${abi}.${schedule} tests hotplug_rounds ROUNDS 2
      ARGS --schedule ${schedule} --args "events=${abi}")
  endforeach()
  foreach(abi IN ITEMS fifo 2l)
    enlighten_model_test(model.xenstore.${abi}.${schedule} tests xenstore
      ARGS --toolstack xl --schedule ${schedule} --args "operations=640 events=${abi}"
      MATCH "^# 640 operations, [0-9]+ changes seen$" "^# Totals: pass:9 fail:0 skip:1$"
        "connections=1 late=0 unasked=0 malformed=0$")
  endforeach()
  enlighten_model_test(model.xenstore.hostile.${schedule} tests xenstore ROUNDS 50
    ARGS --toolstack xl --xenstored hostile --schedule ${schedule} --args "storm=1 operations=320"
    MATCH "^# [0-9]+ operations succeeded, [0-9]+ did not$" "^# Totals: pass:1 fail:0 skip:0$")
  enlighten_model_test(model.event_priority.${schedule} tests event_priority ARGS --schedule ${schedule})
  enlighten_model_test(model.grants.${schedule} tests grants ROUNDS 20 ARGS --schedule ${schedule} --vcpus 8
    MATCH "^# Totals: pass:7 fail:0 skip:0$")
  enlighten_model_test(model.grants.without_regions.${schedule} tests grants ROUNDS 20
    ARGS --schedule ${schedule} --regions none --vcpus 8 MATCH "^# Totals: pass:7 fail:0 skip:0$")
  foreach(by IN ITEMS xenstore page)
    enlighten_model_test(model.vchan.${by}.${schedule} tests vchan
      ARGS --toolstack xl --schedule ${schedule} --args "side=both by=${by} bytes=32768"
      MATCH "^# Totals: pass:6 fail:0 skip:0$")
  endforeach()
  enlighten_model_test(model.vchan.late.${schedule} tests vchan ROUNDS 3
    ARGS --toolstack xl --schedule ${schedule} --args "side=both late=5 bytes=4096" MATCH "^# Totals: pass:6 fail:0 skip:0$")
  enlighten_model_test(model.vchan.manners.${schedule} tests vchan
    ARGS --schedule ${schedule} --args "side=manners" MATCH "^# Totals: pass:2 fail:0 skip:0$")
  enlighten_model_test(model.vchan.path_taken_away.${schedule} tests vchan
    ARGS --toolstack xl --schedule ${schedule} --args "side=both away=1 bytes=4096" MATCH "^# Totals: pass:6 fail:0 skip:0$")
  enlighten_model_test(model.xenbus.${schedule} tests xenbus ROUNDS 20 ARGS --toolstack xl --schedule ${schedule} --vcpus 2
    MATCH "^# Totals: pass:7 fail:0 skip:0$")
  enlighten_model_test(model.timers.${schedule} tests timers ROUNDS 2 ARGS --schedule ${schedule})
endforeach()
foreach(release IN ITEMS 4.18 4.19 4.20 4.21 4.22 master)
  enlighten_model_test(model.smp.${release} examples smp ARGS --release ${release} MATCH "calls_per_secondary=3( |$)")
endforeach()
enlighten_model_test(model.smp.128 examples smp ROUNDS 2 ARGS --vcpus 128
  MATCH "^vcpu cpu=127 xen_vcpu=127 mpidr=0x8000070f " "^128 of 128 vCPUs online$" "lost=0$")
# The host's MMU catches it, and the model says what it was.
enlighten_model_test(model.grants.read_only tests grants ROUNDS 3 ARGS --vcpus 1 --args "side=read_only" EXIT 6
  MATCH "domain 1 touched 0x[0-9a-f]*080: frame 0x[0-9a-f]* is mapped read-only"
    "#[0-9]+ pc=0x[0-9a-f]+ image.0x[0-9a-f]+ grants::store_to_read_only" ", seed 1, 1 of 3 runs, ")
enlighten_model_test(model.hello examples hello MATCH "^Hello from a guest of Xen$")
enlighten_model_test(model.events examples events MATCH "out of port [0-9]+: 1 event$")
enlighten_model_test(model.hotplug examples hotplug MATCH "^rounds=5 events sent=5 received=5$")
enlighten_model_test(model.timer examples timer MATCH "^ticks=40 early=0$")
add_test(NAME model.rounds COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/rounds_test.sh ${CMAKE_CURRENT_BINARY_DIR}/model.rounds)
set_tests_properties(model.rounds PROPERTIES LABELS unit TIMEOUT 300 ENVIRONMENT "ENLIGHTEN_IMAGES=${PROJECT_BINARY_DIR}")
