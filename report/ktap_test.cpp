// SPDX-License-Identifier: MIT
// Tests of the KTAP a guest writes; that the runner reads the same is tested in report/host.
#include <report/ktap.hpp>

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collected_lines.hpp"

namespace enlighten::report {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

TEST(Ktap, puts_a_known_plan_first) {
  Collected_lines sink;
  Ktap ktap{sink, 2};
  ktap.pass("every vCPU is online");
  ktap.fail("no event is lost");
  EXPECT_EQ(ktap.finish(), Verdict::failure);
  EXPECT_THAT(sink.lines, ElementsAre("KTAP version 1", "1..2", "ok 1 every vCPU is online",
                                      "not ok 2 no event is lost", "# Totals: pass:1 fail:1 skip:0"));
}

TEST(Ktap, puts_an_unknown_plan_last) {
  Collected_lines sink;
  Ktap ktap{sink};
  ktap.pass("one");
  EXPECT_EQ(ktap.finish(), Verdict::success);
  EXPECT_THAT(sink.lines, ElementsAre("KTAP version 1", "ok 1 one", "1..1", "# Totals: pass:1 fail:0 skip:0"));
}

TEST(Ktap, names_the_reason_of_a_skip) {
  Collected_lines sink;
  Ktap ktap{sink, 2};
  ktap.skip("grants", "not on Xen");
  ktap.skip("events", "");
  EXPECT_EQ(ktap.finish(), Verdict::skip);
  EXPECT_THAT(sink.lines, Contains("ok 1 grants # SKIP not on Xen"));
  EXPECT_THAT(sink.lines, Contains("ok 2 events # SKIP no reason given"));
}

TEST(Ktap, is_a_success_when_only_some_are_skipped) {
  Collected_lines sink;
  Ktap ktap{sink, 2};
  ktap.skip("grants", "not on Xen");
  ktap.pass("timer");
  EXPECT_EQ(ktap.finish(), Verdict::success);
}

TEST(Ktap, is_a_skip_when_nothing_was_to_be_run) {
  Collected_lines sink;
  Ktap ktap{sink};
  EXPECT_EQ(ktap.finish(), Verdict::skip);
  EXPECT_THAT(sink.lines, Contains("1..0"));
}

TEST(Ktap, is_a_failure_when_the_plan_is_unmet) {
  for (const std::uint32_t planned : {0U, 2U}) {
    Collected_lines sink;
    Ktap ktap{sink, planned};
    ktap.pass("one");
    EXPECT_EQ(ktap.finish(), Verdict::failure);
    EXPECT_THAT(sink.lines, Contains(HasSubstr("planned " + std::to_string(planned) + " tests, ran 1")));
  }
}

TEST(Ktap, makes_several_lines_of_a_long_diagnostic) {
  Collected_lines sink;
  Ktap ktap{sink, 0};
  sink.lines.clear();
  ktap.diagnose("first\nsecond\n\nlast\n");
  EXPECT_THAT(sink.lines, ElementsAre("# first", "# second", "# ", "# last"));
  sink.lines.clear();
  const std::string text(400, 'x');
  ktap.diagnose(text);
  std::string read;
  for (const std::string& line : sink.lines) {
    EXPECT_LE(line.size(), longest_line);
    ASSERT_TRUE(line.starts_with("# "));
    read += line.substr(2);
  }
  EXPECT_EQ(read, text);
}

TEST(Ktap, formats_diagnostics) {
  Collected_lines sink;
  Ktap ktap{sink, 0};
  ktap.diagnose_format("cpu %d of %s", 3, "four");
  ktap.diagnose("");
  EXPECT_EQ(sink.lines.at(2), "# cpu 3 of four");
  EXPECT_EQ(sink.lines.at(3), "# ");
}

TEST(Ktap, lets_no_name_pass_for_a_directive_or_a_line) {
  Collected_lines sink;
  Ktap ktap{sink, 3};
  ktap.fail("x # SKIP y\\");
  ktap.fail("a\nok 1 b");
  ktap.fail("");
  EXPECT_EQ(sink.lines.at(2), "not ok 1 x \\# SKIP y\\\\");
  EXPECT_EQ(sink.lines.at(3), "not ok 2 a ok 1 b");
  EXPECT_EQ(sink.lines.at(4), "not ok 3 unnamed");
}

TEST(Ktap, cuts_long_names_and_reasons_but_keeps_the_directive) {
  Collected_lines sink;
  Ktap ktap{sink, 2};
  ktap.pass(std::string(500, '#'));
  ktap.skip(std::string(500, 'n'), std::string(500, 'r'));
  EXPECT_LE(sink.lines.at(2).size(), longest_line);
  EXPECT_THAT(sink.lines.at(2), EndsWith("\\#..."));
  EXPECT_LE(sink.lines.at(3).size(), longest_line);
  EXPECT_THAT(sink.lines.at(3), HasSubstr("nnn... # SKIP rrr"));
  EXPECT_THAT(sink.lines.at(3), EndsWith("rrr..."));
}

TEST(Ktap_group, is_indented_and_reported_to_the_program) {
  Collected_lines sink;
  Ktap ktap{sink, 3};
  {
    Ktap_group group{ktap, "events", 2};
    group.diagnose("two ports");
    group.pass("bind");
    group.fail("send");
    EXPECT_EQ(group.finish(), Verdict::failure);
  }
  {
    Ktap_group group{ktap, "timer"};
    group.pass("sleep");
    EXPECT_EQ(group.finish(), Verdict::success);
  }
  {
    Ktap_group group{ktap, "grants"};
    group.skip("map", "not on Xen");
    EXPECT_EQ(group.finish(), Verdict::skip);
  }
  EXPECT_EQ(ktap.finish(), Verdict::failure);
  EXPECT_THAT(
      sink.lines,
      ElementsAre("KTAP version 1", "1..3",                                                         //
                  "  KTAP version 1", "  1..2", "  # two ports", "  ok 1 bind", "  not ok 2 send",  //
                  "  # Totals: pass:1 fail:1 skip:0", "not ok 1 events",                            //
                  "  KTAP version 1", "  ok 1 sleep", "  1..1", "  # Totals: pass:1 fail:0 skip:0",
                  "ok 2 timer",  //
                  "  KTAP version 1", "  ok 1 map # SKIP not on Xen", "  1..1", "  # Totals: pass:0 fail:0 skip:1",
                  "ok 3 grants # SKIP all of its tests were skipped", "# Totals: pass:1 fail:1 skip:1"));
}

}  // namespace
}  // namespace enlighten::report
