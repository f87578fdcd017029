// SPDX-License-Identifier: MIT
// Small guests on the model in every order with a few preemptions: all come up, nothing is lost.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include <model_machine/exhaustive_schedule.hpp>

#include "programs.hpp"

namespace enlighten::on_model {
namespace {

using guest::Event_preference;

// Says how many orders that were.
void expect_calm_in_every_order(const Guest_options& options, std::uint32_t ports, std::uint32_t preemptions) {
  const Explored explored = storm_in_every_order(options, ports, preemptions);
  EXPECT_TRUE(explored.ending.calm) << "after " << explored.runs << " orders: " << words(explored.ending.outcome)
                                    << "\n"
                                    << explored.ending.story;
  testing::Test::RecordProperty("orders", std::to_string(explored.runs));
  std::printf("%u vCPUs, %u ports of each, %u preemptions: %llu orders\n", options.vcpus, ports, preemptions,
              static_cast<unsigned long long>(explored.runs));
}

constexpr Event_preference fifo = Event_preference::fifo;
constexpr Event_preference two_level = Event_preference::two_level;

TEST(Every_order_on_model, brings_two_vcpus_up_and_loses_no_event_with_two_preemptions) {
  expect_calm_in_every_order({.vcpus = 2, .events = fifo}, 1, 2);
}

TEST(Every_order_on_model, brings_two_vcpus_up_and_loses_no_event_of_more_ports) {
  for (const Event_preference events : {fifo, two_level}) {
    for (std::uint32_t ports = 1; ports <= 3; ++ports) {
      expect_calm_in_every_order({.vcpus = 2, .events = events}, ports, 1);
    }
  }
}

TEST(Every_order_on_model, brings_three_vcpus_up_and_loses_no_event) {
  expect_calm_in_every_order({.vcpus = 3, .events = fifo}, 1, 1);
}

TEST(Every_order_on_model, is_every_order_of_what_has_few) {
  // Two that take two steps each: 4! / (2! 2!) orders if switches enough are allowed.
  const auto orders = [](std::uint32_t preemptions) {
    model_machine::Exhaustive_schedule schedule{preemptions};
    std::set<std::vector<std::size_t>> seen;
    while (schedule.next_run()) {
      std::vector<std::size_t> steps;
      std::size_t left[] = {2, 2};
      for (std::size_t last = 0; left[0] + left[1] != 0;) {
        std::vector<std::size_t> able;
        for (std::size_t actor = 0; actor < 2; ++actor) {
          if (left[actor] != 0) {
            able.push_back(actor);
          }
        }
        last = schedule.choose(able, last);
        --left[last];
        steps.push_back(last);
      }
      EXPECT_TRUE(seen.insert(steps).second) << "an order came twice";
    }
    return seen.size();
  };
  EXPECT_EQ(orders(0), 1U);
  EXPECT_EQ(orders(4), 6U);
}

}  // namespace
}  // namespace enlighten::on_model
