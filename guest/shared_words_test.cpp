// SPDX-License-Identifier: MIT
// The word policy of images: that the word is what each access says, whatever its ordering.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>

#include <guest/shared_words.hpp>

namespace enlighten::guest {
namespace {

TEST(Shared_words, exchange_what_is_expected_and_tell_what_is_there_otherwise_in_each_order) {
  for (const auto order : {std::memory_order_acquire, std::memory_order_release, std::memory_order_acq_rel}) {
    std::uint32_t word = 7;
    std::uint32_t expected = 6;
    EXPECT_FALSE(Shared_words::compare_exchange(word, expected, 9, order));
    EXPECT_EQ(word, 7U);
    EXPECT_EQ(expected, 7U);
    bool exchanged = false;
    while (!exchanged && expected == 7) {  // it may fail without cause
      exchanged = Shared_words::compare_exchange(word, expected, 9, order);
    }
    EXPECT_TRUE(exchanged);
    EXPECT_EQ(word, 9U);
  }
}

TEST(Shared_words, return_what_was_there_before_a_change) {
  std::uint64_t word = 0b1100;
  EXPECT_EQ(Shared_words::fetch_or(word, 0b0011, std::memory_order_acquire), 0b1100U);
  EXPECT_EQ(Shared_words::fetch_and(word, 0b0101, std::memory_order_release), 0b1111U);
  EXPECT_EQ(Shared_words::exchange(word, 3, std::memory_order_acq_rel), 0b0101U);
  Shared_words::store(word, 4, std::memory_order_release);
  EXPECT_EQ(Shared_words::load(word, std::memory_order_acquire), 4U);
}

}  // namespace
}  // namespace enlighten::guest
