// SPDX-License-Identifier: MIT
// Tests of verdicts' names and exit codes.
#include <report/verdict.hpp>

#include <set>

#include <gtest/gtest.h>

namespace enlighten::report {
namespace {

TEST(Verdict, has_the_documented_exit_code) {
  EXPECT_EQ(exit_code(Verdict::success), 0);
  EXPECT_EQ(exit_code(Verdict::skip), 3);
  EXPECT_EQ(exit_code(Verdict::error), 4);
  EXPECT_EQ(exit_code(Verdict::failure), 5);
  EXPECT_EQ(exit_code(Verdict::crash), 6);
  EXPECT_EQ(exit_code(Verdict::timeout), 124);
}

TEST(Verdict, is_found_by_its_name) {
  std::set<std::string_view> names;
  for (const Verdict verdict : all_verdicts) {
    names.insert(name(verdict));
    EXPECT_EQ(verdict_from_name(name(verdict)), verdict);
  }
  EXPECT_EQ(names.size(), all_verdicts.size());
}

TEST(Verdict, is_not_found_by_anything_else) {
  for (const std::string_view text : {"", "Success", "success ", "pass", "failur"}) {
    EXPECT_EQ(verdict_from_name(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace enlighten::report
