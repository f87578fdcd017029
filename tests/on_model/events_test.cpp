// SPDX-License-Identifier: MIT
// Brings up guests on the model in many orders and storms them with events: all come up, nothing is lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "programs.hpp"

namespace enlighten::on_model {
namespace {

using guest::Event_preference;
using model_machine::Outcome;

void expect_calm(const Guest_options& options, const char* schedule, std::uint64_t seed, std::uint32_t rounds) {
  const Ending ending = storm(options, schedule, seed, rounds);
  ASSERT_TRUE(ending.calm) << schedule << " seed " << seed << ": " << words(ending.outcome) << "\n" << ending.story;
}

class Storm_on_model : public testing::TestWithParam<std::tuple<Event_preference, const char*>> {};

TEST_P(Storm_on_model, loses_no_event_in_any_of_many_orders) {
  const auto [events, schedule] = GetParam();
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    ASSERT_NO_FATAL_FAILURE(expect_calm({.vcpus = 4, .events = events}, schedule, seed, 3));
  }
}

TEST_P(Storm_on_model, comes_up_on_any_boot_vcpu) {
  const auto [events, schedule] = GetParam();
  for (std::uint32_t boot = 0; boot < 8; ++boot) {
    ASSERT_NO_FATAL_FAILURE(
        expect_calm({.vcpus = 8, .boot = Vcpu_id{boot}, .events = events}, schedule, boot + 1, 1));
  }
}

TEST_P(Storm_on_model, is_not_disturbed_by_upcalls_that_announce_nothing) {
  const auto [events, schedule] = GetParam();
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    ASSERT_NO_FATAL_FAILURE(expect_calm(
        {.vcpus = 4, .events = events, .faults = {.seed = seed, .spurious_upcalls = 100}}, schedule, seed, 2));
  }
}

// Whatever Xen has no memory for, the guest gets to know: it never hangs, and never goes on without.
TEST_P(Storm_on_model, ends_with_an_error_where_xen_has_no_memory) {
  const auto [events, schedule] = GetParam();
  unsigned refused = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Ending ending =
        storm({.vcpus = 4, .events = events, .faults = {.seed = seed, .no_memory = 100}}, schedule, seed, 1);
    const bool told = ending.outcome == Outcome::blamed && ending.story.find("ENOMEM") != std::string::npos;
    ASSERT_TRUE(ending.calm || told) << schedule << " seed " << seed << ": " << words(ending.outcome) << "\n"
                                     << ending.story;
    refused += told ? 1 : 0;
  }
  EXPECT_GT(refused, 20U);
}

INSTANTIATE_TEST_SUITE_P(Either_abi, Storm_on_model,
                         testing::Combine(testing::Values(Event_preference::fifo, Event_preference::two_level),
                                          testing::Values("random", "priority")),
                         [](const auto& parameters) {
                           return std::string{name(std::get<0>(parameters.param) == Event_preference::fifo
                                                       ? guest::Event_abi::fifo
                                                       : guest::Event_abi::two_level)} +
                                  "_" + std::get<1>(parameters.param);
                         });

TEST(Bringup_on_model, falls_back_to_two_level_where_fifo_is_unknown) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ASSERT_NO_FATAL_FAILURE(expect_calm(
        {.vcpus = 4, .events = Event_preference::automatic, .faults = {.no_fifo = true}}, "random", seed, 2));
    const Ending ending = storm({.vcpus = 4, .faults = {.no_fifo = true}}, "random", seed, 1);
    EXPECT_EQ(ending.outcome, Outcome::blamed) << "FIFO was asked for by name";
    EXPECT_NE(ending.story.find("ENOSYS"), std::string::npos) << ending.story;
  }
}

std::vector<std::uint32_t> ascending(std::uint32_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  return order;
}

std::vector<std::uint32_t> reversed(std::uint32_t count) {
  std::vector<std::uint32_t> order = ascending(count);
  std::ranges::reverse(order);
  return order;
}

std::vector<std::uint32_t> shuffled(std::uint32_t count, std::uint64_t seed) {
  std::vector<std::uint32_t> order = ascending(count);
  std::ranges::shuffle(order, std::mt19937_64{seed});
  return order;
}

TEST(Bringup_on_model, finds_every_vcpu_in_whatever_order_it_is_described) {
  for (const std::uint32_t vcpus : {1U, 2U, 5U, 17U, 33U, 128U}) {
    const std::uint32_t boots[] = {0, vcpus / 2, vcpus - 1};
    for (const std::uint32_t boot : boots) {
      for (const char* const schedule : {"random", "priority"}) {
        const std::uint64_t seed = vcpus + boot;
        for (const auto& order : {ascending(vcpus), reversed(vcpus), shuffled(vcpus, seed)}) {
          ASSERT_NO_FATAL_FAILURE(expect_calm({.vcpus = vcpus, .boot = Vcpu_id{boot}, .order = order}, schedule,
                                              seed, vcpus < 33 ? 1 : 0));
        }
      }
    }
  }
}

TEST(Bringup_on_model, works_from_any_of_128_boot_vcpus) {
  for (std::uint32_t boot = 0; boot < 128; boot += 7) {
    ASSERT_NO_FATAL_FAILURE(
        expect_calm({.vcpus = 128, .boot = Vcpu_id{boot}, .order = shuffled(128, boot)}, "random", boot + 1, 0));
  }
}

}  // namespace
}  // namespace enlighten::on_model
