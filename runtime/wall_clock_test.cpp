// SPDX-License-Identifier: MIT
// Tests of the time of day as Xen tells it, or does not.
#include <runtime/wall_clock.hpp>

#include <gtest/gtest.h>

namespace enlighten::runtime {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Wall_clock, is_empty_while_nobody_has_set_it) {
  abi::Shared_info shared{};
  shared.wc_version = 2;
  EXPECT_EQ(read_wall_clock(shared, 1'000, 1'000), std::nullopt);
}

TEST(Wall_clock, is_what_xen_says_of_the_counters_zero_plus_the_counter) {
  abi::Shared_info shared{};
  shared.wc_version = 4;
  shared.wc_sec = 1'700'000'000;
  shared.wc_nsec = 250'000'000;
  EXPECT_EQ(read_wall_clock(shared, 62'500'000 * 3 / 2, 62'500'000),
            seconds{1'700'000'001} + nanoseconds{750'000'000});
}

TEST(Wall_clock, goes_on_after_2106) {
  abi::Shared_info shared{};
  shared.wc_version = 2;
  shared.wc_sec = 5;
  shared.wc_sec_hi = 1;
  EXPECT_EQ(read_wall_clock(shared, 0, 1), seconds{(std::int64_t{1} << 32) + 5});
}

TEST(Wall_clock, is_empty_where_xen_never_finishes_writing) {
  abi::Shared_info shared{};
  shared.wc_version = 3;
  shared.wc_sec = 1'700'000'000;
  EXPECT_EQ(read_wall_clock(shared, 0, 1), std::nullopt);
}

}  // namespace
}  // namespace enlighten::runtime
