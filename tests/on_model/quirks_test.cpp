// SPDX-License-Identifier: MIT
// Where Xen departs from what its documents and PSCI promise: as Xen is, and as specified.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>

#include <abi/errno.hpp>
#include <abi/frame.hpp>
#include <arch/processor.hpp>
#include <arch/psci.hpp>
#include <model/affinity.hpp>

#include "bare_guest.hpp"
#include "calls.hpp"

namespace enlighten::on_model {
namespace {

using model::Quirks;
using model_machine::Model_vcpu;
using model_machine::Outcome;

arch::Psci psci{arch::Conduit::hvc};

TEST(Quirks_on_model, calls_an_absent_vcpu_off_or_refuses_to_say) {
  for (const bool quirk : {true, false}) {
    bool answered = false;
    const Ran ran = run_bare(
        {.xen = {.quirks = {.calls_absent_vcpus_off = quirk}}},
        [&](Model_vcpu&, std::uint64_t) { answered = psci.cpu_power(model::affinity_of(Vcpu_id{5})).has_value(); });
    EXPECT_EQ(ran.outcome, Outcome::done) << ran.story;
    EXPECT_EQ(answered, quirk);
  }
}

TEST(Quirks_on_model, lets_one_vcpu_register_the_info_of_another_that_is_online_or_not) {
  for (const bool quirk : {true, false}) {
    std::atomic<bool> registered{false};
    std::int64_t result = 1;
    const model::Xen_options xen{.release = model::Release::v4_18,
                                 .quirks = {.registers_info_of_online_vcpus = quirk}};
    const Ran ran = run_bare({.vcpus = 2, .xen = xen}, [&](Model_vcpu& vcpu, std::uint64_t) {
      if (vcpu.id() != Vcpu_id{0}) {
        while (!registered) {
          vcpu.relax();
        }
        return;
      }
      vcpu.domain().set_checking(false);
      static_cast<void>(psci.cpu_on(model::affinity_of(Vcpu_id{1}), 0x4000, 0));
      abi::Vcpu_register_vcpu_info info{abi::gfn_of(vcpu.domain().ram_base()), 0};
      result = vcpu_op(abi::Vcpu_op::register_vcpu_info, Vcpu_id{1}, info);
      registered = true;
    });
    EXPECT_EQ(ran.outcome, Outcome::done) << ran.story;
    EXPECT_EQ(result, quirk ? 0 : -static_cast<std::int64_t>(abi::Errno::einval));
  }
}

}  // namespace
}  // namespace enlighten::on_model
