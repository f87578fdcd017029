// SPDX-License-Identifier: MIT
// Tests of the order in which one vCPU does its work, and that it never sleeps over what others post.
#include <runtime/executor.hpp>

#include <atomic>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "test/fake_clock.hpp"

namespace enlighten::runtime {
namespace {

using std::chrono::nanoseconds;
using test::Fake_clock;

// Says its letter each time it runs.
struct Letter : Work {
  Letter(std::string& text, char letter) : said{text}, what{letter} {
    run = [](Work& work) {
      auto& self = static_cast<Letter&>(work);
      self.said += self.what;
    };
  }
  std::string& said;
  char what;
};

Task<> repeat(Executor& executor, std::string& said, char letter, int times) {
  for (int time = 0; time < times; ++time) {
    said += letter;
    co_await executor.yield();
  }
}

Task<> sleep_and_say(Executor& executor, Duration duration, std::string& said, char letter) {
  co_await executor.sleep_for(duration);
  said += letter;
}

TEST(Executor, runs_what_is_posted_in_the_order_of_posting) {
  Executor executor;
  std::string said;
  Letter a{said, 'a'};
  Letter b{said, 'b'};
  executor.post(a);
  executor.post(b);
  EXPECT_FALSE(executor.idle());
  executor.run_once();
  EXPECT_EQ(said, "ab");
  EXPECT_TRUE(executor.idle());
}

TEST(Executor, lets_work_post_itself_again_without_keeping_others_waiting) {
  Executor executor;
  std::string said;
  Letter b{said, 'b'};
  struct Again : Work {
    Executor* executor;
    std::string* said;
    int left = 3;
  } again;
  again.executor = &executor;
  again.said = &said;
  again.run = [](Work& work) {
    auto& self = static_cast<Again&>(work);
    *self.said += 'a';
    if (--self.left > 0) {
      self.executor->enqueue(self);
    }
  };
  executor.enqueue(again);
  executor.enqueue(b);
  while (!executor.idle()) {
    executor.run_once();
  }
  EXPECT_EQ(said, "abaa");
}

TEST(Executor, lets_coroutines_that_yield_take_turns) {
  Executor executor;
  std::string said;
  executor.spawn(repeat(executor, said, 'a', 3));
  executor.spawn(repeat(executor, said, 'b', 3));
  executor.spawn(repeat(executor, said, 'c', 2));
  EXPECT_EQ(said, "") << "a spawned coroutine waits for its turn";
  while (!executor.idle()) {
    executor.run_once();
  }
  EXPECT_EQ(said, "abcabcab");
}

TEST(Executor, wakes_sleepers_in_the_order_of_their_deadlines_and_never_early) {
  Fake_clock machine{1'000'000'000};
  Executor executor;
  std::string said;
  executor.spawn(sleep_and_say(executor, nanoseconds{300}, said, 'c'));
  executor.spawn(sleep_and_say(executor, nanoseconds{100}, said, 'a'));
  executor.spawn(sleep_and_say(executor, nanoseconds{200}, said, 'b'));
  executor.run_once();
  EXPECT_TRUE(executor.idle());
  ASSERT_TRUE(executor.has_timers());
  EXPECT_EQ(executor.next_deadline(), Instant{nanoseconds{100}});
  machine.set(99);
  executor.run_once();
  EXPECT_EQ(said, "");
  machine.set(100);
  executor.run_once();
  EXPECT_EQ(said, "a");
  machine.set(1'000);
  executor.run_once();
  EXPECT_EQ(said, "abc");
  EXPECT_FALSE(executor.has_timers());
}

TEST(Executor, does_not_suspend_for_an_instant_that_has_passed) {
  Fake_clock machine{1'000'000'000};
  Executor executor;
  std::string said;
  executor.spawn([](Executor& own, std::string& text) -> Task<> {
    co_await own.sleep_until(Instant{});
    co_await own.sleep_for(nanoseconds{-5});
    text += 'x';
  }(executor, said));
  executor.run_once();
  EXPECT_EQ(said, "x");
}

TEST(Executor, says_to_one_poster_only_that_it_must_be_woken) {
  Executor executor;
  std::string said;
  Letter a{said, 'a'};
  Letter b{said, 'b'};
  EXPECT_FALSE(executor.needs_waking());
  ASSERT_TRUE(executor.prepare_sleep());
  executor.post(a);
  EXPECT_TRUE(executor.needs_waking());
  executor.post(b);
  EXPECT_FALSE(executor.needs_waking());
  executor.awake();
  EXPECT_FALSE(executor.prepare_sleep()) << "there is work";
  EXPECT_FALSE(executor.needs_waking());
}

TEST(Executor, never_sleeps_over_work_that_threads_post) {
  constexpr unsigned posters = 3;
  constexpr unsigned each = 5'000;
  Executor executor;
  std::counting_semaphore<> interrupt{0};
  struct Count : Work {
    unsigned* count;
    std::atomic<bool> done{false};
  };
  unsigned count = 0;
  std::vector<std::jthread> threads;
  for (unsigned poster = 0; poster < posters; ++poster) {
    threads.emplace_back([&] {
      Count work;
      work.count = &count;
      work.run = [](Work& one) {
        auto& self = static_cast<Count&>(one);
        ++*self.count;
        self.done.store(true, std::memory_order_release);
      };
      // Each waits for its own work, so that the executor goes to sleep again and again.
      for (unsigned time = 0; time < each; ++time) {
        work.done.store(false, std::memory_order_relaxed);
        executor.post(work);
        if (executor.needs_waking()) {
          interrupt.release();
        }
        while (!work.done.load(std::memory_order_acquire)) {
          std::this_thread::yield();
        }
      }
    });
  }
  while (count < posters * each) {
    executor.run_once();
    if (count < posters * each && executor.idle() && executor.prepare_sleep()) {
      interrupt.acquire();
      executor.awake();
    }
  }
  EXPECT_EQ(count, posters * each);
}

}  // namespace
}  // namespace enlighten::runtime
