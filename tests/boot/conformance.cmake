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

# The model is worth what it shares with the real thing: every value, on the release that was booted.
add_test(NAME boot.conformance.model_agrees COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/model_agrees.sh)
enlighten_is_boot_test(boot.conformance.model_agrees)
