// SPDX-License-Identifier: MIT
// CPUs that go off and come on again while others send to them: nothing that was sent is lost.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "programs.hpp"

namespace enlighten::on_model {
namespace {

using guest::Event_preference;
using model_machine::Outcome;

class Hotplug_on_model : public testing::TestWithParam<Event_preference> {};

TEST_P(Hotplug_on_model, loses_no_event_of_a_cpu_that_is_off) {
  for (const char* const name : {"random", "priority"}) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const Ending ending = turn_off_and_on({.vcpus = 4, .events = GetParam()}, name, seed, 9);
      ASSERT_TRUE(ending.calm) << name << " seed " << seed << ": " << words(ending.outcome) << "\n" << ending.story;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Either_abi, Hotplug_on_model,
                         testing::Values(Event_preference::fifo, Event_preference::two_level),
                         [](const auto& parameters) {
                           return parameters.param == Event_preference::fifo ? "fifo" : "two_level";
                         });

}  // namespace
}  // namespace enlighten::on_model
