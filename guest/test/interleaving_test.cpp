// SPDX-License-Identifier: MIT
// The search over schedules finds what can happen, all of it, and no more.
#include "interleaving.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <set>

namespace enlighten::guest::test {
namespace {

// Two actors that add one each to a counter, not atomically.
void add_twice(Schedule& schedule, std::uint32_t& counter) {
  counter = 0;
  schedule.share(counter);
  for (const char* name : {"one", "other"}) {
    schedule.spawn(name, [&schedule, &counter] {
      const Stepped_words words{schedule};
      const std::uint32_t old = words.load(counter, std::memory_order_relaxed);
      words.store(counter, old + 1, std::memory_order_relaxed);
    });
  }
  schedule.run();
}

TEST(Interleaving, finds_the_lost_update_and_the_whole_one) {
  std::uint32_t counter = 0;
  std::set<std::uint32_t> results;
  const Explored explored = explore_all(
      [&](Schedule& schedule) {
        add_twice(schedule, counter);
        results.insert(counter);
      },
      1000);
  EXPECT_TRUE(explored.complete);
  EXPECT_EQ(results, (std::set<std::uint32_t>{1, 2}));
}

TEST(Interleaving, meets_each_state_of_independent_actors_once) {
  std::array<std::uint32_t, 3> words{};
  const Explored explored = explore_all(
      [&](Schedule& schedule) {
        words = {};
        schedule.share(words);
        for (std::uint32_t& word : words) {
          schedule.spawn("actor", [&] {
            const Stepped_words stepped{schedule};
            for (int i = 0; i != 4; ++i) {
              stepped.fetch_or(word, 0, std::memory_order_relaxed);
            }
          });
        }
        schedule.run();
      },
      10000);
  EXPECT_TRUE(explored.complete);
  // Each actor is before its start, before one of its four accesses, or done; no choice is left when two are done.
  EXPECT_EQ(explored.states, 6U * 6 * 6 - 3 * 5 - 1);
}

TEST(Interleaving, ends_where_an_actor_waits_for_what_never_comes) {
  bool told = false;
  const Explored explored = explore_all(
      [&](Schedule& schedule) {
        schedule.spawn("patient", [&] { told = !schedule.wait([] { return false; }); });
        schedule.run();
      },
      10);
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(told);
}

TEST(Interleaving, explores_past_an_actor_that_spins) {
  std::uint32_t lock = 0;
  bool taken = false;
  const Explored explored = explore_all(
      [&](Schedule& schedule) {
        lock = 1;
        schedule.share(lock);
        schedule.spawn("spinner", [&] {
          const Stepped_words words{schedule};
          std::uint32_t expected = 0;
          while (!words.compare_exchange(lock, expected, 1, std::memory_order_acquire)) {
            expected = 0;
          }
          taken = true;
        });
        schedule.spawn("owner", [&] { Stepped_words{schedule}.store(lock, 0, std::memory_order_release); });
        schedule.run();
      },
      1000);
  EXPECT_TRUE(explored.complete);
  EXPECT_TRUE(taken);
}

}  // namespace
}  // namespace enlighten::guest::test
