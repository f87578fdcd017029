// SPDX-License-Identifier: MIT
// Tests of how values look in a log line.
#include <runtime/log.hpp>

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace enlighten::runtime {
namespace {

template <typename Value>
std::string shown(const Value& value) {
  report::Line line;
  detail::append(line, value);
  return std::string{line.view()};
}

TEST(Log, shows_text_numbers_and_truth_as_they_are) {
  EXPECT_EQ(shown("text"), "text");
  EXPECT_EQ(shown('c'), "c");
  EXPECT_EQ(shown(true), "true");
  EXPECT_EQ(shown(-5), "-5");
  EXPECT_EQ(shown(std::uint8_t{200}), "200");
  EXPECT_EQ(shown(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(Log, shows_identities_as_numbers_and_what_is_hexadecimal_with_one_prefix) {
  EXPECT_EQ(shown(Cpu{17}), "17");
  EXPECT_EQ(shown(hex(0x4020'0000)), "0x40200000");
  EXPECT_EQ(shown(mpidr_from_register(0x8000'0101)), "0x101");
}

TEST(Log, shows_an_error_in_its_own_words) {
  EXPECT_EQ(shown(Error::make(Error_kind::argument, "cpu %u does not exist", 9U)), "cpu 9 does not exist");
}

}  // namespace
}  // namespace enlighten::runtime
