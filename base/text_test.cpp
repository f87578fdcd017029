// SPDX-License-Identifier: MIT
// Tests of bounded text.
#include <base/text.hpp>

#include <gtest/gtest.h>

namespace enlighten {
namespace {

TEST(Text, begins_empty) {
  const Text<8> text;
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.view(), "");
  EXPECT_STREQ(text.c_str(), "");
}

TEST(Text, is_made_of_text_and_cuts_it) {
  EXPECT_EQ(Text<8>{"12345678"}.view(), "12345678");
  EXPECT_EQ(Text<8>{"123456789"}.view(), "12345...");
  EXPECT_STREQ(Text<8>{"123456789"}.c_str(), "12345...");
}

TEST(Text, formats_and_appends) {
  Text<32> text;
  text.append("%s=%u", "vcpu", 17U).append(" %c", 'x');
  EXPECT_EQ(text.view(), "vcpu=17 x");
  EXPECT_STREQ(text.c_str(), "vcpu=17 x");
}

TEST(Text, holds_exactly_its_capacity) {
  Text<8> text;
  text.append("12345678");
  EXPECT_EQ(text.view(), "12345678");
}

TEST(Text, marks_a_cut_by_three_dots_within_its_capacity) {
  Text<8> text;
  text.append("123456789");
  EXPECT_EQ(text.view(), "12345...");
  EXPECT_STREQ(text.c_str(), "12345...");
}

TEST(Text, marks_a_cut_wherever_the_append_that_overflows_begins) {
  for (int first = 0; first <= 8; ++first) {
    Text<8> text;
    text.append("%.*s", first, "12345678").append("%s", "abcdefghi");
    EXPECT_EQ(text.view().size(), 8U) << first;
    EXPECT_TRUE(text.view().ends_with("...")) << first;
  }
}

TEST(Text, stays_cut_when_more_is_appended) {
  Text<8> text;
  text.append("123456789").append("more").append("%s", "");
  EXPECT_EQ(text.view(), "12345...");
}

TEST(Text, marks_a_cut_in_the_smallest_text_there_is) {
  Text<4> text;
  text.append("%d", 123456);
  EXPECT_EQ(text.view(), "1...");
}

TEST(Text, is_empty_again_after_clear) {
  Text<8> text;
  text.append("123456789");
  text.clear();
  EXPECT_TRUE(text.empty());
  EXPECT_STREQ(text.c_str(), "");
}

TEST(Text, can_be_filled_again_after_clear) {
  Text<8> text;
  text.append("123456789");
  text.clear();
  text.append("ab");
  EXPECT_EQ(text.view(), "ab");
}

}  // namespace
}  // namespace enlighten
