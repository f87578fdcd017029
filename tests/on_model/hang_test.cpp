// SPDX-License-Identifier: MIT
// Guests that get nowhere: seen whoever runs them, by what they do and not by a clock, and told who waits for what.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include <arch/counter.hpp>
#include <arch/processor.hpp>
#include <arch/timer.hpp>

#include "bare_guest.hpp"
#include "calls.hpp"

namespace enlighten::on_model {
namespace {

using model_machine::Model_vcpu;
using model_machine::Outcome;

Ran run(const char* schedule, const std::function<void(Model_vcpu&)>& body) {
  return run_bare({.schedule = schedule}, [&](Model_vcpu& vcpu, std::uint64_t /*context*/) { body(vcpu); });
}

class Hang_on_model : public testing::TestWithParam<const char*> {};

TEST_P(Hang_on_model, is_seen_where_an_interrupt_never_comes) {
  const Ran ran = run(GetParam(), [](Model_vcpu&) { arch::wait_for_interrupt(); });
  EXPECT_EQ(ran.outcome, Outcome::stuck);
  EXPECT_NE(ran.story.find("domain 1 vCPU 0: waiting for an interrupt"), std::string::npos) << ran.story;
}

TEST_P(Hang_on_model, is_seen_where_somebody_asks_for_ever) {
  const Ran ran = run(GetParam(), [](Model_vcpu& vcpu) {
    for (;;) {
      vcpu.relax();
    }
  });
  EXPECT_EQ(ran.outcome, Outcome::stuck) << ran.story;
}

TEST_P(Hang_on_model, is_seen_where_somebody_calls_for_ever) {
  const Ran ran = run(GetParam(), [](Model_vcpu&) {
    for (;;) {
      abi::Evtchn_unmask argument{.port = Port{1}};
      static_cast<void>(event_channel_op(abi::Event_channel_op::unmask, argument));
    }
  });
  EXPECT_EQ(ran.outcome, Outcome::too_long) << ran.story;
}

TEST_P(Hang_on_model, is_none_while_a_timer_or_patience_is_still_to_end) {
  constexpr std::uint64_t minute = 60'000'000'000;
  bool fired = false;
  bool patient = false;
  const Ran ran = run(GetParam(), [&](Model_vcpu& vcpu) {
    arch::arm_timer(arch::counter() + 24 * 60 * minute);
    arch::wait_for_interrupt();
    fired = arch::timer_due();
    const std::uint64_t end = arch::counter() + minute;
    while (arch::counter() < end) {
      vcpu.relax();
    }
    patient = true;
  });
  EXPECT_EQ(ran.outcome, Outcome::done) << ran.story;
  EXPECT_TRUE(fired);
  EXPECT_TRUE(patient);
}

INSTANTIATE_TEST_SUITE_P(Whoever_runs, Hang_on_model, testing::Values("random", "priority", "threads"),
                         [](const auto& parameters) { return std::string{parameters.param}; });

}  // namespace
}  // namespace enlighten::on_model
