// SPDX-License-Identifier: MIT
// Rows of pages: what comes back is joined and handed out again, zeroed, before anything new is asked for.
#include <runtime/page_rows.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include <abi/frame.hpp>

namespace enlighten::runtime {
namespace {

constexpr std::size_t all = 16;
alignas(abi::page_size) std::array<std::byte, all * abi::page_size> memory;
std::uint64_t handed_out = 0;

std::optional<std::uint64_t> more(std::uint64_t pages) noexcept {
  if (handed_out + pages > all) {
    return std::nullopt;
  }
  const std::uint64_t first = handed_out;
  handed_out += pages;
  return reinterpret_cast<std::uintptr_t>(memory.data()) + first * abi::page_size;
}

struct Page_rows_test : testing::Test {
  Page_rows_test() { handed_out = 0; }

  [[nodiscard]] static std::byte* page(std::size_t index) { return memory.data() + index * abi::page_size; }
  void give_back(std::initializer_list<std::size_t> indices) {
    for (const std::size_t index : indices) {
      rows.give_back(page(index));
    }
  }

  Page_rows rows{more};
};

TEST_F(Page_rows_test, asks_for_more_only_when_nothing_that_is_free_fits) {
  EXPECT_EQ(rows.take(4), page(0));
  EXPECT_EQ(rows.take(1), page(4));
  give_back({4});
  EXPECT_EQ(rows.take(2), page(5));
  EXPECT_EQ(rows.take(1), page(4));
  EXPECT_EQ(handed_out, 7U);
  EXPECT_EQ(rows.take(10), nullptr);
}

TEST_F(Page_rows_test, joins_pages_that_come_back_in_any_order) {
  EXPECT_EQ(rows.take(all), page(0));
  give_back({3, 1, 0, 2, 5, 4, 15, 13, 14});
  EXPECT_EQ(rows.take(7), nullptr);
  EXPECT_EQ(rows.take(6), page(0));
  EXPECT_EQ(rows.take(3), page(13));
  EXPECT_EQ(rows.take(1), nullptr);
}

TEST_F(Page_rows_test, keeps_the_rest_of_a_row_that_it_cuts) {
  EXPECT_EQ(rows.take(all), page(0));
  give_back({8, 9, 10, 11});
  EXPECT_EQ(rows.take(1), page(11));
  EXPECT_EQ(rows.take(3), page(8));
  EXPECT_EQ(rows.take(1), nullptr);
}

TEST_F(Page_rows_test, hands_out_zeroes_whatever_was_there) {
  EXPECT_EQ(rows.take(2), page(0));
  std::memset(page(0), 0xff, 2 * abi::page_size);
  give_back({1, 0});
  const auto* const again = static_cast<std::byte*>(rows.take(2));
  ASSERT_EQ(again, page(0));
  for (std::size_t byte = 0; byte < 2 * abi::page_size; ++byte) {
    ASSERT_EQ(again[byte], std::byte{0}) << byte;
  }
}

}  // namespace
}  // namespace enlighten::runtime
