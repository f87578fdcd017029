// SPDX-License-Identifier: MIT
// Guests on the model with a thread for each vCPU: for ThreadSanitizer to find what is not ordered.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <tuple>

#include "programs.hpp"

namespace enlighten::on_model {
namespace {

using guest::Event_preference;

class Threads_on_model : public testing::TestWithParam<Event_preference> {};

void expect_calm(const Ending& ending, std::uint64_t seed) {
  ASSERT_TRUE(ending.calm) << "seed " << seed << ": " << words(ending.outcome) << "\n" << ending.story;
}

TEST_P(Threads_on_model, lose_no_event_of_a_storm) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Guest_options options{
        .vcpus = 4, .events = GetParam(), .faults = {.seed = seed, .spurious_upcalls = seed % 2 == 0 ? 20U : 0U}};
    ASSERT_NO_FATAL_FAILURE(expect_calm(storm(options, "threads", seed, 5), seed));
  }
}

TEST_P(Threads_on_model, come_up_on_any_boot_vcpu_and_be_they_many) {
  for (const std::uint32_t boot : {0U, 7U, 16U}) {
    const Guest_options options{.vcpus = 17, .boot = Vcpu_id{boot}, .events = GetParam()};
    ASSERT_NO_FATAL_FAILURE(expect_calm(storm(options, "threads", boot, 1), boot));
  }
}

TEST_P(Threads_on_model, lose_no_event_of_a_cpu_that_is_off) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    ASSERT_NO_FATAL_FAILURE(
        expect_calm(turn_off_and_on({.vcpus = 4, .events = GetParam()}, "threads", seed, 9), seed));
  }
}

TEST_P(Threads_on_model, are_not_disturbed_by_what_is_legal_and_rare) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Guest_options options{.vcpus = 4,
                                .events = GetParam(),
                                .faults = {.seed = seed,
                                           .spurious_upcalls = 20,
                                           .late_upcalls = 300,
                                           .preemptions = 200,
                                           .late_vcpus = 500,
                                           .lingering_vcpus = 500}};
    ASSERT_NO_FATAL_FAILURE(expect_calm(storm(options, "threads", seed, 3), seed));
    ASSERT_NO_FATAL_FAILURE(expect_calm(turn_off_and_on(options, "threads", seed, 6), seed));
  }
}

INSTANTIATE_TEST_SUITE_P(Either_abi, Threads_on_model,
                         testing::Values(Event_preference::fifo, Event_preference::two_level),
                         [](const auto& parameters) {
                           return parameters.param == Event_preference::fifo ? "fifo" : "two_level";
                         });

}  // namespace
}  // namespace enlighten::on_model
