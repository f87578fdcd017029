// SPDX-License-Identifier: MIT
// Tests of where stacks lie: apart, aligned, and each with a guard page that knows whose it is.
#include <runtime/stacks.hpp>

#include <gtest/gtest.h>

namespace enlighten::runtime {
namespace {

constexpr std::uint64_t base = 0x4020'0000;
constexpr std::uint32_t cpus = 5;
constexpr Stacks stacks{base, cpus};

TEST(Stacks, lie_one_after_the_other_on_whole_pages) {
  std::uint64_t end = base;
  for (std::uint32_t index = 0; index < cpus; ++index) {
    const Cpu cpu{index};
    EXPECT_EQ(stacks.exception_bottom(cpu), end + Stacks::page);
    EXPECT_EQ(stacks.exception_top(cpu), stacks.exception_bottom(cpu) + Stacks::exception_size);
    EXPECT_EQ(stacks.bottom(cpu), stacks.exception_top(cpu) + Stacks::page);
    EXPECT_EQ(stacks.top(cpu), stacks.bottom(cpu) + Stacks::size);
    EXPECT_EQ(stacks.bottom(cpu) % Stacks::page, 0U);
    EXPECT_EQ(stacks.top(cpu) % 16, 0U);
    end = stacks.top(cpu);
  }
  EXPECT_EQ(stacks.base() + stacks.bytes(), end);
}

TEST(Stacks, name_the_cpu_whose_stack_ran_into_a_guard_page) {
  for (std::uint32_t index = 0; index < cpus; ++index) {
    const Cpu cpu{index};
    EXPECT_EQ(stacks.guarded(stacks.bottom(cpu) - 1), cpu);
    EXPECT_EQ(stacks.guarded(stacks.bottom(cpu) - Stacks::page), cpu);
    EXPECT_EQ(stacks.guarded(stacks.exception_bottom(cpu) - 1), cpu);
    EXPECT_EQ(stacks.guarded(stacks.exception_bottom(cpu) - Stacks::page), cpu);
  }
}

TEST(Stacks, take_nothing_else_for_a_guard_page) {
  for (std::uint32_t index = 0; index < cpus; ++index) {
    const Cpu cpu{index};
    EXPECT_FALSE(stacks.guarded(stacks.bottom(cpu)));
    EXPECT_FALSE(stacks.guarded(stacks.top(cpu) - 1));
    EXPECT_FALSE(stacks.guarded(stacks.exception_bottom(cpu)));
    EXPECT_FALSE(stacks.guarded(stacks.exception_top(cpu) - 1));
  }
  EXPECT_FALSE(stacks.guarded(base - 1));
  EXPECT_FALSE(stacks.guarded(base + stacks.bytes()));
  EXPECT_FALSE(Stacks{}.guarded(0));
}

}  // namespace
}  // namespace enlighten::runtime
