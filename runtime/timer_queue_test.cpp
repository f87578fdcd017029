// SPDX-License-Identifier: MIT
// Tests of the queue of deadlines against one that is too simple to be wrong.
#include <runtime/timer_queue.hpp>

#include <algorithm>
#include <deque>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace enlighten::runtime {
namespace {

Instant at(std::int64_t nanoseconds) {
  return Instant{Duration{nanoseconds}};
}

std::vector<std::int64_t> take_all(Timer_queue& queue) {
  std::vector<std::int64_t> deadlines;
  while (!queue.empty()) {
    deadlines.push_back(queue.take_first().deadline().time_since_epoch().count());
  }
  return deadlines;
}

TEST(Timer_queue, is_empty_until_something_waits) {
  Timer_queue queue;
  EXPECT_TRUE(queue.empty());
  Timer timer{at(5)};
  queue.insert(timer);
  EXPECT_FALSE(queue.empty());
  EXPECT_EQ(&queue.first(), &timer);
  EXPECT_EQ(&queue.take_first(), &timer);
  EXPECT_TRUE(queue.empty());
}

TEST(Timer_queue, hands_out_the_earliest_deadline_first_whatever_the_order_of_insertion) {
  std::vector<std::int64_t> deadlines{1, 2, 3, 4, 5, 6};
  do {
    std::deque<Timer> timers;
    Timer_queue queue;
    for (const std::int64_t deadline : deadlines) {
      queue.insert(timers.emplace_back(at(deadline)));
    }
    ASSERT_EQ(take_all(queue), (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  } while (std::ranges::next_permutation(deadlines).found);
}

TEST(Timer_queue, keeps_every_one_of_equal_deadlines) {
  std::deque<Timer> timers;
  Timer_queue queue;
  std::set<const Timer*> taken;
  for (int index = 0; index < 100; ++index) {
    queue.insert(timers.emplace_back(at(index % 3)));
  }
  std::int64_t last = 0;
  while (!queue.empty()) {
    const Timer& timer = queue.take_first();
    EXPECT_GE(timer.deadline().time_since_epoch().count(), last);
    last = timer.deadline().time_since_epoch().count();
    taken.insert(&timer);
  }
  EXPECT_EQ(taken.size(), timers.size());
}

TEST(Timer_queue, agrees_with_a_sorted_set_while_timers_come_and_go) {
  std::mt19937 random{20240229};
  std::deque<Timer> timers;
  Timer_queue queue;
  std::multiset<std::int64_t> model;
  for (int step = 0; step < 20'000; ++step) {
    if (model.empty() || random() % 5 < 3) {
      const auto deadline = static_cast<std::int64_t>(random() % 1000);
      queue.insert(timers.emplace_back(at(deadline)));
      model.insert(deadline);
    } else {
      ASSERT_EQ(queue.first().deadline(), at(*model.begin()));
      ASSERT_EQ(queue.take_first().deadline(), at(*model.begin()));
      model.erase(model.begin());
    }
    ASSERT_EQ(queue.empty(), model.empty());
  }
}

TEST(Timer_queue, takes_a_timer_again_that_was_taken_out) {
  Timer_queue queue;
  Timer often{at(10)};
  Timer early{at(1)};
  Timer late{at(20)};
  for (int round = 0; round < 3; ++round) {
    queue.insert(late);
    queue.insert(often);
    queue.insert(early);
    EXPECT_EQ(take_all(queue), (std::vector<std::int64_t>{1, 10, 20}));
  }
}

}  // namespace
}  // namespace enlighten::runtime
