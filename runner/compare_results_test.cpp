// SPDX-License-Identifier: MIT
// Tests of the comparison of two runs: every difference is found, and nothing else is one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <runner/compare_results.hpp>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* ktap =
    "KTAP version 1\n"
    "1..1\n"
    "  KTAP version 1\n"
    "  # bind_ipi: -2\n"
    "  # again: 0\n"
    "  ok 1 a bad vCPU is refused\n"
    "  ok 2 needs a peer # SKIP there is none\n"
    "ok 1 events\n"
    "# 2 tests\n";

TEST(Case_results, are_read_with_their_values_and_without_their_groups) {
  const std::vector<Case_result> results = read_case_results(ktap);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].name, "a bad vCPU is refused");
  EXPECT_TRUE(results[0].passed);
  EXPECT_THAT(results[0].values, ElementsAre("bind_ipi: -2", "again: 0"));
  EXPECT_TRUE(results[1].skipped);
  EXPECT_FALSE(read_case_results("  not ok 1 it works\n").at(0).passed);
}

TEST(Case_results, have_those_among_them_that_were_skipped_and_saw_nothing) {
  const std::vector<Case_result> results =
      read_case_results("ok 1 an instruction # SKIP there is none\nok 2 group\n");
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].name, "an instruction");
  EXPECT_TRUE(results[0].skipped);
}

TEST(Case_results, of_the_same_run_do_not_differ) {
  EXPECT_THAT(differences(read_case_results(ktap), "Xen", read_case_results(ktap), "the model"), IsEmpty());
}

TEST(Case_results, differ_in_a_value_a_skip_by_the_first_or_a_case_that_is_missing) {
  const auto one =
      read_case_results("  # a: 1\n  # b: 2\n  ok 1 first\n  ok 2 second # SKIP no\n  # c: 1\n  ok 3 third\n");
  const auto other = read_case_results("  # a: 1\n  # b: 3\n  ok 1 first\n  ok 2 second\n  ok 3 fourth\n");
  EXPECT_THAT(differences(one, "Xen", other, "the model"),
              ElementsAre("first: Xen says \"b: 2\", the model \"b: 3\"", "second: skipped by Xen",
                          "third: the model has no such case", "fourth: Xen has no such case"));
}

TEST(Case_results, do_not_differ_in_what_the_second_skips) {
  EXPECT_THAT(differences(read_case_results("  # a: 1\n  ok 1 x\n"), "Xen",
                          read_case_results("  ok 1 x # SKIP no such instruction\n"), "model"),
              IsEmpty());
}

TEST(Case_results, differ_where_one_saw_less) {
  EXPECT_THAT(
      differences(read_case_results("  # a: 1\n  ok 1 x\n"), "Xen", read_case_results("  ok 1 x\n"), "model"),
      ElementsAre("x: Xen says \"a: 1\", model \"nothing\""));
}

TEST(Case_results, keep_counts_that_nobody_promises_apart) {
  const auto results = read_case_results("# ~ lost: 3 of 1000\n# result: 0\nok 1 a case\n");
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results.front().values, std::vector<std::string>{"result: 0"});
  EXPECT_EQ(results.front().counts, std::vector<std::string>{"lost: 3 of 1000"});
  EXPECT_TRUE(
      differences(results, "one", read_case_results("# ~ lost: 0 of 1000\n# result: 0\nok 1 a case\n"), "other")
          .empty());
}

}  // namespace
}  // namespace enlighten::runner
