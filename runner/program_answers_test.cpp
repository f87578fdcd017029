// SPDX-License-Identifier: MIT
// Tests of reading what random programs answered.
#include <runner/program_answers.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Program_answers, are_put_together_from_their_lines) {
  const auto programs = read_program_answers(
      "enlighten: boot xen=4.17.7\n"
      "d 0 0 0,1#0xa -#0xa\n"
      "d 0 2 -22#0xb\n"
      "m 0 flags of grant 9: 0x19\n"
      "d 1 0 0#0xa\n"
      "d 2 0\n");
  ASSERT_THAT(programs, SizeIs(3));
  EXPECT_THAT(programs[0].steps, ElementsAre("0,1#0xa", "-#0xa", "-22#0xb"));
  EXPECT_THAT(programs[0].memory, ElementsAre("flags of grant 9: 0x19"));
  EXPECT_THAT(programs[1].steps, ElementsAre("0#0xa"));
  EXPECT_THAT(programs[2].steps, IsEmpty());
}

TEST(Program_answers, without_a_line_that_was_lost_are_fewer) {
  EXPECT_THAT(read_program_answers("d 0 0 0#0xa\nd 0 5 0#0xb\n")[0].steps, ElementsAre("0#0xa"));
  EXPECT_THAT(read_program_answers("d 4 0 0#0xa\nd x 0\nd\n"), IsEmpty());
}

TEST(Program_answers, differ_where_the_first_step_does_or_is_missing) {
  const Program_answers one{.steps = {"0#0xa", "1#0xa"}, .memory = {}};
  EXPECT_EQ(first_difference(one, one), std::nullopt);
  EXPECT_EQ(first_difference(one, {.steps = {"0#0xa", "1#0xb"}, .memory = {}}), 1);
  EXPECT_EQ(first_difference(one, {.steps = {"0#0xa"}, .memory = {}}), 1);
  EXPECT_EQ(first_difference({.steps = {}, .memory = {}}, one), 0);
}

TEST(Program_texts, are_read_step_by_step) {
  const auto programs = read_program_texts(
      "t 0 0 {0, Operation::yield, {}} // vCPU 0: yield()\n"
      "t 0 1 {1, Operation::send, {3}} // vCPU 1: send(p3)\n");
  ASSERT_THAT(programs, SizeIs(1));
  EXPECT_THAT(programs[0], ElementsAre("{0, Operation::yield, {}} // vCPU 0: yield()",
                                       "{1, Operation::send, {3}} // vCPU 1: send(p3)"));
}

}  // namespace
}  // namespace enlighten::runner
