// SPDX-License-Identifier: MIT
// Tests of the figures that come out of the counter's lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <runner/bench/marks.hpp>
#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

std::string line(const char* kind_and_name, unsigned value, unsigned guest) {
  return fmt::format(
      "enlighten: mark kind={} value={} guest={} xen=50 entries=2 hypercalls=1 firmware_calls=0 "
      "chain=7\n",
      kind_and_name, value, guest);
}

double amount(const std::vector<Figure>& figures, const char* name, const char* what) {
  for (const Figure& figure : figures) {
    if (figure.name == name && figure.what == what) {
      return figure.amount;
    }
  }
  return -1;
}

TEST(Marks, give_what_was_executed_between_two_for_each_round) {
  const auto figures = figures_of(read_marks(line("0 name=event", 10, 100) + line("1 name=event", 10, 1100)));
  EXPECT_EQ(amount(figures, "event", "guest"), 100);
  EXPECT_EQ(amount(figures, "event", "xen"), 0);
}

TEST(Marks, count_a_place_from_the_first_instruction_on) {
  const auto figures = figures_of(read_marks(line("2 name=online", 1, 300)));
  EXPECT_EQ(amount(figures, "online", "guest"), 300);
  EXPECT_EQ(amount(figures, "online", "chain"), 7);
}

TEST(Marks, keep_the_last_measurement_of_a_case_and_the_largest_of_its_values) {
  const auto figures = figures_of(read_marks(line("0 name=event", 1, 0) + line("1 name=event", 1, 90) +
                                             line("0 name=event", 1, 100) + line("1 name=event", 1, 130) +
                                             line("3 name=late", 5, 0) + line("3 name=late", 4, 0)));
  EXPECT_EQ(amount(figures, "event", "guest"), 30);
  EXPECT_EQ(amount(figures, "late", "value"), 5);
}

TEST(Marks, that_are_not_pairs_are_refused) {
  EXPECT_THROW(static_cast<void>(figures_of(read_marks(line("0 name=event", 1, 0)))), Failure);
  EXPECT_THROW(static_cast<void>(figures_of(read_marks(line("1 name=event", 1, 0)))), Failure);
  EXPECT_THROW(static_cast<void>(figures_of(read_marks(line("0 name=event", 1, 0) + line("1 name=other", 1, 0)))),
               Failure);
}

TEST(Marks, of_which_a_line_is_cut_or_strange_are_refused) {
  EXPECT_THROW(static_cast<void>(read_marks("enlighten: mark kind=0 name=event value=1 guest=5\n")), Failure);
  EXPECT_THROW(static_cast<void>(read_marks(line("9 name=event", 1, 0))), Failure);
  EXPECT_THROW(static_cast<void>(read_marks(line("0 name=", 1, 0))), Failure);
  EXPECT_THROW(static_cast<void>(read_marks("QEMU says something\n")), Failure);
}

}  // namespace
}  // namespace enlighten::runner
