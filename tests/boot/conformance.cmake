# SPDX-License-Identifier: MIT
# The conformance suite on real Xen, whichever interrupt controller and event ABI the runtime begins with.

# conformance_test(NAME RUN-ARGUMENT...): every claim holds.
function(conformance_test name)
  enlighten_boot_test(boot.conformance${name} IMAGE conformance/conformance.img ARGS ${ARGN} EXIT 0
    MATCH "^# Totals: pass:[0-9]+ fail:0 skip:0$" "verdict=success"
    NOT_MATCH ", expected ")
endfunction()

conformance_test("" --vcpus 4)
conformance_test(.gic2_two_level --vcpus 8 --gic 2 --args "events=2l")
enlighten_boot_test(boot.conformance.one_vcpu IMAGE conformance/conformance.img ARGS --vcpus 1 EXIT 3
  MATCH "the cases need 4 vCPUs")

# Two domains, each with its side of the cases for two, and the channels they need from the start.
function(conformance_pair_test name arguments)
  enlighten_boot_test(boot.conformance.two_domains${name} IMAGE conformance/conformance.img ARGS --name first
      --args "side=first events=2l${arguments}" --event-channel 10:second:11 --event-channel 12:second:13
      --event-channel 14:second:15 --event-channel 16:second:17 --event-channel 18:second:19 ${ARGN}
      + conformance/conformance.img --name second --args "side=second events=2l${arguments}"
    EXIT 0
    MATCH "^first: # Totals: pass:[0-9]+ fail:0 skip:0$" "^second: # Totals: pass:[0-9]+ fail:0 skip:0$"
    NOT_MATCH ", expected ")
endfunction()

conformance_pair_test("" "")
conformance_pair_test(.dummy " silo=off" --xen-args xsm=dummy)
conformance_test(.dummy --vcpus 4 --xen-args xsm=dummy --args "silo=off")
enlighten_boot_test(boot.conformance.no_channels IMAGE conformance/conformance.img
  ARGS --args "side=first events=2l" EXIT 3 MATCH "Xen has made no event channels between them")

# Programs in which Xen and the model once differed, and random ones in which they must not.
enlighten_boot_test(boot.differential.found IMAGE conformance/differential.img EXIT 0
  ARGS --vcpus 6 --pcpus 1 --args "found=yes"
  MATCH "^# Totals: pass:[1-9][0-9]* fail:0 skip:0$" "verdict=success"
  NOT_MATCH ", expected ")
enlighten_boot_test(boot.differential.few_vcpus IMAGE conformance/differential.img ARGS --vcpus 4 EXIT 3
  MATCH "the programs need 6 vCPUs")
add_test(NAME boot.differential.agrees COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/differential_agrees.sh)
enlighten_is_boot_test(boot.differential.agrees)

# The model is worth what it shares with the real thing: every value, on the release that was booted.
add_test(NAME boot.conformance.model_agrees COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/model_agrees.sh)
enlighten_is_boot_test(boot.conformance.model_agrees)
