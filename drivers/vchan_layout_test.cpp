// SPDX-License-Identifier: MIT
// Which sizes of rings there are, and which pairs of them cannot be.
#include <gtest/gtest.h>

#include <drivers/vchan_layout.hpp>

namespace enlighten::drivers {
namespace {

struct Sizes {
  std::size_t left;
  std::size_t right;
  unsigned left_order;
  unsigned right_order;
};

TEST(Vchan_orders_test, are_chosen_as_libxenvchan_chooses_them) {
  for (const Sizes& one : {Sizes{0, 0, 10, 11}, Sizes{1024, 2048, 10, 11}, Sizes{1025, 1024, 11, 10},
                           Sizes{2048, 2048, 11, 12}, Sizes{2049, 1, 12, 11}, Sizes{4096, 4097, 12, 13},
                           Sizes{1U << 20U, 1U << 20U, 20, 20}, Sizes{65537, 100, 17, 11}}) {
    const Result<Vchan_orders> orders = Vchan_orders::for_bytes(one.left, one.right);
    ASSERT_TRUE(orders);
    EXPECT_EQ(orders->left, one.left_order) << one.left << " and " << one.right;
    EXPECT_EQ(orders->right, one.right_order) << one.left << " and " << one.right;
    EXPECT_TRUE(orders->check()) << one.left << " and " << one.right;
  }
  EXPECT_EQ(Vchan_orders::for_bytes((1U << 20U) + 1, 1).error().kind(), Error_kind::argument);
}

TEST(Vchan_orders_test, that_put_one_thing_upon_another_are_refused_in_words) {
  const auto words = [](unsigned left, unsigned right) {
    const Result<> checked =
        Vchan_orders{static_cast<std::uint16_t>(left), static_cast<std::uint16_t>(right)}.check();
    return std::string{checked ? "" : checked.error().text()};
  };
  for (unsigned left = 0; left < 70; ++left) {
    for (unsigned right = 0; right < 70; ++right) {
      const bool in_range = left >= 10 && left <= 20 && right >= 10 && right <= 20;
      // 250 grants fit before a ring at 1024, 506 before one at 2048.
      const bool fits = !(left == 10 && right == 20) && !(left == 20 && right == 10);
      const bool apart = left != right || left >= 12;
      EXPECT_EQ(words(left, right).empty(), in_range && fits && apart) << left << " and " << right;
    }
  }
  EXPECT_EQ(words(9, 12), "vchan: rings of orders 9 and 12: each must be from 10 to 20");
  EXPECT_EQ(words(65535, 12), "vchan: rings of orders 65535 and 12: each must be from 10 to 20");
  EXPECT_EQ(words(11, 11), "vchan: both rings are of order 11: they would be in one place");
  EXPECT_EQ(words(10, 20),
            "vchan: rings of orders 10 and 20: the list of grants would reach into the one in the page");
}

TEST(Vchan_orders_test, say_where_a_ring_is) {
  EXPECT_EQ(vchan_place_in_page(10), 1024U);
  EXPECT_EQ(vchan_place_in_page(11), 2048U);
  EXPECT_EQ(vchan_place_in_page(12), std::nullopt);
  EXPECT_EQ(vchan_pages(11), 0U);
  EXPECT_EQ(vchan_pages(12), 1U);
  EXPECT_EQ(vchan_pages(20), 256U);
}

}  // namespace
}  // namespace enlighten::drivers
