// SPDX-License-Identifier: MIT
// Tests of time made from counts: it starts at zero, never goes back, and no timer comes early.
#include <runtime/clock.hpp>

#include <gtest/gtest.h>

#include "test/fake_clock.hpp"

namespace enlighten::runtime {
namespace {

using test::Fake_clock;

constexpr std::uint64_t frequencies[] = {1, 3, 999'983, 24'000'000, 62'500'000, 1'000'000'000, 1'000'000'007};

TEST(Clock, starts_at_zero_wherever_the_counter_stands) {
  Fake_clock machine{62'500'000, 123'456'789};
  EXPECT_EQ(since_start(), Duration{0});
  machine.advance(62'500'000);
  EXPECT_EQ(since_start(), std::chrono::seconds{1});
}

TEST(Clock, does_not_overflow_after_centuries) {
  Fake_clock machine{1'000'000'000};
  constexpr std::uint64_t years = 250;
  constexpr std::uint64_t seconds = years * 365 * 24 * 3600;
  machine.advance(seconds * 1'000'000'000);
  EXPECT_EQ(since_start(), std::chrono::seconds{seconds});
}

TEST(Clock, sets_no_timer_before_its_instant) {
  for (const std::uint64_t frequency : frequencies) {
    Fake_clock machine{frequency, 1'000};
    for (std::int64_t nanoseconds = 1; nanoseconds < 20'000'000'000; nanoseconds = nanoseconds * 3 + 1) {
      const Instant when{Duration{nanoseconds}};
      machine.set(Clock::counter_at(when));
      EXPECT_GE(Clock::now(), when) << nanoseconds << " ns at " << frequency << " Hz";
      machine.set(Clock::counter_at(when) - 1);
      EXPECT_LT(Clock::now(), when) << "and no count later than it must, at " << frequency << " Hz";
    }
  }
}

TEST(Clock, takes_an_instant_before_its_start_for_its_start) {
  const Fake_clock machine{1'000'000, 77};
  EXPECT_EQ(Clock::counter_at(Instant{Duration{-5}}), 77U);
  EXPECT_EQ(Clock::counter_at(Instant{}), 77U);
}

}  // namespace
}  // namespace enlighten::runtime
