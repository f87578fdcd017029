// SPDX-License-Identifier: MIT
// Tests of reading KTAP: as the specification shows it, as our guests write it, and broken in every way we could
// think of.
#include <report_host/ktap_parser.hpp>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <report/ktap.hpp>

namespace enlighten::report {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Tests read(std::string_view text) {
  Ktap_parser parser;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    parser.line(text.substr(0, end));
    text.remove_prefix(end);
  }
  return parser.finish();
}

auto is(std::string_view name, Outcome outcome, std::string_view reason = "") {
  return AllOf(Field("name", &Test::name, name), Field("outcome", &Test::outcome, outcome),
               Field("reason", &Test::reason, reason));
}

auto problem(std::size_t line, std::string_view text) {
  return AllOf(Field("line", &Problem::line, line), Field("text", &Problem::text, HasSubstr(text)));
}

constexpr auto passed = Outcome::passed;
constexpr auto failed = Outcome::failed;
constexpr auto skipped = Outcome::skipped;

TEST(Ktap_parser, reads_results_and_their_plan) {
  const Tests tests = read("KTAP version 1\n1..3\nok 1 first\nnot ok 2 - second\nok 3\n");
  EXPECT_TRUE(tests.reported);
  EXPECT_THAT(tests.cases, ElementsAre(is("first", passed), is("second", failed), is("test 3", passed)));
  EXPECT_THAT(tests.problems, IsEmpty());
  EXPECT_EQ(tests.count(passed), 2U);
  EXPECT_EQ(tests.count(failed), 1U);
}

TEST(Ktap_parser, reads_a_plan_at_the_end) {
  EXPECT_THAT(read("KTAP version 1\nok 1 first\n1..1\n").problems, IsEmpty());
}

TEST(Ktap_parser, reads_lines_of_a_terminal) {
  const Tests tests = read("KTAP version 1\r\n1..1\r\nok 1 first\r\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("first", passed)));
  EXPECT_THAT(tests.problems, IsEmpty());
}

TEST(Ktap_parser, reads_directives_in_any_case) {
  const Tests tests = read(
      "TAP version 14\n1..9\n"
      "ok 1 a # SKIP no Xen\nok 2 b # skip\nnot ok 3 c # TODO known\nok 4 d # TODO mended\n"
      "ok 5 e # XFAIL as expected\nnot ok 6 f # TIMEOUT 30 s\nnot ok 7 g # ERROR broken\n"
      "not ok 8 h # SKIP: no grants\nok 9 i # duration=3ms\n");
  EXPECT_THAT(tests.problems, IsEmpty());
  EXPECT_THAT(tests.cases, ElementsAre(is("a", skipped, "no Xen"), is("b", skipped), is("c", skipped, "TODO known"),
                                       is("d", passed, "TODO mended"), is("e", passed, "XFAIL as expected"),
                                       is("f", failed, "TIMEOUT 30 s"), is("g", failed, "ERROR broken"),
                                       is("h", skipped, ": no grants"), is("i", passed, "duration=3ms")));
}

TEST(Ktap_parser, takes_an_escaped_sign_for_part_of_a_name) {
  EXPECT_THAT(read("KTAP version 1\n1..1\nnot ok 1 x \\# SKIP y\\\\\n").cases,
              ElementsAre(is("x # SKIP y\\", failed)));
}

TEST(Ktap_parser, gives_diagnostics_to_the_result_that_follows) {
  const Tests tests =
      read("KTAP version 1\n1..3\nok 1 a\n# sent 3\n# lost 1\nnot ok 2 b\nok 3 c\n# Totals: pass:2\n");
  ASSERT_THAT(tests.cases, SizeIs(3));
  EXPECT_THAT(tests.cases[0].diagnostics, IsEmpty());
  EXPECT_THAT(tests.cases[1].diagnostics, ElementsAre("sent 3", "lost 1"));
  EXPECT_THAT(tests.cases[2].diagnostics, IsEmpty());
}

TEST(Ktap_parser, names_tests_by_their_group) {
  const Tests tests = read(
      "KTAP version 1\n1..3\n"
      "  KTAP version 1\n  1..2\n    KTAP version 1\n    1..1\n    ok 1 deep\n  ok 1 inner\n  not ok 2 b\nnot ok 1 "
      "outer\n"
      "  KTAP version 1\n  # Subtest: second\n  1..1\n  ok 1 c # SKIP none\nok 2\nok 3 alone\n");
  EXPECT_THAT(tests.problems, IsEmpty());
  EXPECT_THAT(tests.cases, ElementsAre(is("outer/inner/deep", passed), is("outer/b", failed),
                                       is("second/c", skipped, "none"), is("alone", passed)));
}

TEST(Ktap_parser, gives_diagnostics_within_groups_to_their_tests) {
  const Tests tests = read(
      "KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  # inner\n  not ok 1 a\n  ok 2 b\n# outer\nnot ok 1 "
      "group\n");
  ASSERT_THAT(tests.cases, SizeIs(2));
  EXPECT_THAT(tests.cases[0].diagnostics, ElementsAre("inner", "outer"));
  EXPECT_THAT(tests.cases[1].diagnostics, IsEmpty());
}

TEST(Ktap_parser, counts_a_group_that_fails_although_its_tests_do_not) {
  const Tests tests = read("KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 a\nnot ok 1 group\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("group/a", passed), is("group", failed)));
}

TEST(Ktap_parser, counts_a_group_without_tests) {
  const Tests tests = read("KTAP version 1\n1..1\n  KTAP version 1\n  1..0\nok 1 group # SKIP empty\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("group", skipped, "empty")));
  EXPECT_THAT(tests.problems, IsEmpty());
}

TEST(Ktap_parser, does_not_believe_a_group_that_hides_a_failure) {
  const Tests tests = read("KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  not ok 1 a\nok 1 group\n");
  EXPECT_EQ(tests.count(failed), 1U);
  EXPECT_THAT(tests.problems, ElementsAre(problem(6, "group group is not reported as failed, its test a is")));
}

TEST(Ktap_parser, tells_the_programs_own_words_from_ktap) {
  Ktap_parser parser;
  for (const std::string_view own :
       {"hello", "ok then", "not ok at all", "1..2", "# remark", "okay 1", "Bail out!", ""}) {
    EXPECT_FALSE(parser.line(own)) << own;
  }
  EXPECT_FALSE(parser.finish().reported);
  EXPECT_TRUE(parser.line("KTAP version 1"));
  EXPECT_TRUE(parser.line("1..2"));
  for (const std::string_view own : {"hello", "okay 1", "1...2", "1..2x", "#!/bin/sh", "not_ok 1", "KTAP", ""}) {
    EXPECT_FALSE(parser.line(own)) << own;
  }
  EXPECT_TRUE(parser.line("ok 1 a"));
  EXPECT_TRUE(parser.line("# remark"));
  EXPECT_TRUE(parser.line("ok 2 b"));
  EXPECT_THAT(parser.finish().problems, IsEmpty());
}

TEST(Ktap_parser, is_empty_when_nothing_was_reported) {
  const Tests tests = read("hello\nworld\n");
  EXPECT_FALSE(tests.reported);
  EXPECT_THAT(tests.cases, IsEmpty());
  EXPECT_THAT(tests.problems, IsEmpty());
}

TEST(Ktap_parser, misses_tests_of_the_plan) {
  EXPECT_THAT(read("KTAP version 1\n1..3\nok 1 a\nok 3 c\n").problems,
              ElementsAre(problem(4, "test 3 is reported where 2 was expected"),
                          problem(0, "3 tests planned, 2 reported; number 2 is missing")));
  EXPECT_THAT(read("KTAP version 1\n1..2\nok 1 a\n").problems, ElementsAre(problem(0, "number 2 is missing")));
  EXPECT_THAT(read("KTAP version 1\n1..2\n").problems, ElementsAre(problem(0, "number 1 is missing")));
}

TEST(Ktap_parser, notices_tests_beyond_the_plan) {
  EXPECT_THAT(read("KTAP version 1\n1..1\nok 1 a\nok 2 b\n").problems,
              ElementsAre(problem(0, "1 tests planned, 2 reported")));
}

TEST(Ktap_parser, misses_the_plan) {
  EXPECT_THAT(read("KTAP version 1\nok 1 a\n").problems, ElementsAre(problem(0, "no plan")));
  EXPECT_THAT(read("KTAP version 1\n").problems, ElementsAre(problem(0, "no plan: after 0 results")));
}

TEST(Ktap_parser, notices_a_second_plan) {
  EXPECT_THAT(read("KTAP version 1\n1..1\nok 1 a\n1..2\n").problems, ElementsAre(problem(4, "second plan, for 2")));
}

TEST(Ktap_parser, notices_a_number_that_comes_twice) {
  const Tests tests = read("KTAP version 1\n1..2\nok 1 a\nnot ok 1 b\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("a", passed), is("b", failed)));
  EXPECT_THAT(tests.problems, ElementsAre(problem(4, "test 1 is reported twice")));
}

TEST(Ktap_parser, counts_a_result_whose_number_is_missing_or_absurd) {
  const Tests tests = read("KTAP version 1\n1..3\nok\nnot ok name\nok 99999999999999999999999 far\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("test 1", passed), is("name", failed), is("far", passed)));
  EXPECT_THAT(tests.problems, ElementsAre(problem(3, "without a number"), problem(4, "without a number"),
                                          problem(5, "without a number")));
}

TEST(Ktap_parser, counts_results_without_a_version_line) {
  const Tests tests = read("hello\nnot ok 1 a\n1..1\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("a", failed)));
  EXPECT_THAT(tests.problems, ElementsAre(problem(2, "without a KTAP version line")));
}

TEST(Ktap_parser, reads_an_unknown_version_all_the_same) {
  const Tests tests = read("KTAP version 2\n1..1\nok 1 a\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("a", passed)));
  EXPECT_THAT(tests.problems, ElementsAre(problem(1, "unknown version")));
}

TEST(Ktap_parser, notices_that_a_program_begins_anew) {
  const Tests tests = read("KTAP version 1\n1..2\nok 1 a\nKTAP version 1\n1..2\nok 1 a\nok 2 b\n");
  EXPECT_THAT(tests.cases, SizeIs(3));
  EXPECT_THAT(tests.problems,
              ElementsAre(problem(4, "number 2 is missing"), problem(4, "KTAP begins a second time")));
}

TEST(Ktap_parser, notices_a_group_that_is_cut_off) {
  const Tests tests = read("KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("a", passed)));
  EXPECT_THAT(tests.problems, ElementsAre(problem(0, "number 2 is missing"), problem(0, "number 1 is missing"),
                                          problem(0, "no result line")));
}

TEST(Ktap_parser, notices_two_groups_before_one_result_line) {
  const Tests tests = read(
      "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  ok 1 a\n  KTAP version 1\n  1..1\n  ok 1 b\nok 1 group\n");
  EXPECT_THAT(tests.cases, ElementsAre(is("group/a", passed), is("group/b", passed)));
  EXPECT_THAT(tests.problems, ElementsAre(problem(9, "no result line")));
}

TEST(Ktap_parser, notices_results_that_are_indented_for_no_reason) {
  const Tests tests = read("KTAP version 1\n1..1\n   not ok 1 a\nok 1 group\n");
  EXPECT_EQ(tests.count(failed), 1U);
  EXPECT_THAT(tests.problems, ElementsAre(problem(3, "without a KTAP version line"), problem(4, "no plan"),
                                          problem(4, "not reported as failed")));
}

TEST(Ktap_parser, notices_a_program_that_gives_up) {
  EXPECT_THAT(read("KTAP version 1\n1..1\nBail out! no memory\n").problems,
              ElementsAre(problem(3, "gave up: no memory"), problem(0, "number 1 is missing")));
}

TEST(Ktap_parser, stops_descending_somewhere) {
  std::string text;
  for (std::size_t depth = 0; depth < 1000; ++depth) {
    text += std::string(depth, ' ') + "KTAP version 1\n" + std::string(depth, ' ') + "1..1\n";
  }
  const Tests tests = read(text);
  EXPECT_THAT(tests.problems, SizeIs(100));
  EXPECT_THAT(tests.problems.front().text, HasSubstr("nested deeper"));
}

TEST(Ktap_parser, can_be_used_again) {
  Ktap_parser parser;
  parser.line("KTAP version 1");
  parser.line("not ok 1 a");
  EXPECT_EQ(parser.finish().cases.size(), 1U);
  parser.line("KTAP version 1");
  parser.line("1..1");
  parser.line("ok 1 b");
  const Tests tests = parser.finish();
  EXPECT_THAT(tests.cases, ElementsAre(is("b", passed)));
  EXPECT_THAT(tests.problems, IsEmpty());
}

// The guest's writer straight into the parser.
class Read_back final : public Line_sink {
 public:
  void line(std::string_view text) noexcept override { EXPECT_TRUE(parser.line(text)) << text; }

  Ktap_parser parser;
};

TEST(Ktap_parser, reads_what_our_guests_write) {
  Read_back sink;
  Ktap ktap{sink, 4};
  ktap.pass("a # b \\ c");
  ktap.diagnose("why\nnot");
  ktap.fail("d");
  ktap.skip("e", "no Xen # at all");
  Ktap_group group{ktap, "group"};
  group.pass("f");
  group.skip("g", "");
  EXPECT_EQ(group.finish(), Verdict::success);
  EXPECT_EQ(ktap.finish(), Verdict::failure);
  const Tests tests = sink.parser.finish();
  EXPECT_THAT(tests.problems, IsEmpty());
  EXPECT_THAT(tests.cases,
              ElementsAre(is("a # b \\ c", passed), is("d", failed), is("e", skipped, "no Xen # at all"),
                          is("group/f", passed), is("group/g", skipped, "no reason given")));
  EXPECT_THAT(tests.cases.at(1).diagnostics, ElementsAre("why", "not"));
}

}  // namespace
}  // namespace enlighten::report
