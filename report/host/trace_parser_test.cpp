// SPDX-License-Identifier: MIT
// Tests of reading a trace, against the writer and against lines no writer makes.
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <report/line.hpp>
#include <report/trace_line.hpp>
#include <report_host/trace_parser.hpp>

namespace enlighten::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* head = "enlighten: trace_guest cpus=4 hertz=62500000 upcall=31 timer=27 steps=one,two";
constexpr const char* first_cpu = "enlighten: trace_cpu cpu=1 recorded=2 first=0";

class Collected final : public Line_sink {
 public:
  void line(std::string_view text) noexcept override { lines.emplace_back(text); }

  std::vector<std::string> lines;
};

struct Outcome {
  std::optional<Guest_trace> trace;
  std::vector<std::string> problems;
};

Outcome read(const std::vector<std::string>& lines) {
  Trace_parser parser;
  for (const std::string& line : lines) {
    EXPECT_TRUE(parser.line(line)) << line;
  }
  Outcome outcome;
  outcome.trace = parser.finish();
  outcome.problems = parser.problems();
  return outcome;
}

// The problem of one line of cpu 1 in an otherwise good trace.
std::string problem_of(const std::string& line) {
  const Outcome outcome = read({head, first_cpu, line, "enlighten: trace_end lines=1"});
  EXPECT_TRUE(outcome.trace);
  EXPECT_THAT(outcome.trace->cpus.at(1).entries, IsEmpty());
  EXPECT_THAT(outcome.problems, SizeIs(1)) << line;
  return outcome.problems.empty() ? "" : outcome.problems.front();
}

TEST(Trace_lines, come_back_as_the_entries_they_were_made_of) {
  const std::vector<Trace_entry> entries{
      {0, Trace_kind::step_begin, 0, 0},
      {127, Trace_kind::step_end, 127, 128},
      {127, Trace_kind::call_begin, 0xff'ffff, 0xffff'ffff},
      {1'000'000'000'000, Trace_kind::wake, 1, 127},
      {static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()), Trace_kind::wait_end, 0, 0}};
  std::vector<Trace_entry> many;
  for (unsigned round = 0; round < 40; ++round) {
    Trace_entry entry = entries[round % 3];
    entry.count += 1000U * round;
    many.push_back(entry);
  }
  many.insert(many.end(), entries.begin() + 3, entries.end());
  Collected sink;
  std::uint64_t lines = 0;
  {
    Trace_lines writer{sink, 127};
    std::uint64_t index = 18'446'744'073'709'551'000U;
    for (const Trace_entry& entry : many) {
      writer.add(index++, entry);
    }
    writer.flush();
    lines = writer.lines();
  }
  EXPECT_EQ(lines, sink.lines.size());
  std::vector<std::string> all{"enlighten: trace_guest cpus=128 hertz=1 timer=27 steps=",
                               "enlighten: trace_cpu cpu=127 recorded=42 first=0"};
  for (const std::string& line : sink.lines) {
    EXPECT_LE(line.size(), longest_line);
    EXPECT_THAT(line, Not(HasSubstr("cut=yes")));
    all.push_back(line);
  }
  all.push_back("enlighten: trace_end lines=" + std::to_string(lines));
  const Outcome outcome = read(all);
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_EQ(outcome.trace->cpus.at(127).entries, many);
}

TEST(Trace_lines, begin_anew_where_entries_are_missing) {
  Collected sink;
  Trace_lines writer{sink, 0};
  writer.add(3, {10, Trace_kind::wait_begin, 0, 0});
  writer.add(5, {20, Trace_kind::wait_end, 0, 0});
  writer.flush();
  EXPECT_THAT(sink.lines, ElementsAre(HasSubstr("cpu=0 n=3 at=0xa d="), HasSubstr("cpu=0 n=5 at=0x14 d=")));
}

TEST(Trace_parser, tells_what_the_guest_says_of_itself) {
  const Outcome outcome =
      read({head, first_cpu, "enlighten: trace cpu=1 n=0 at=0x10 d=AAoAAAQLAAA", "enlighten: trace_end lines=1"});
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_EQ(outcome.trace->hertz, 62'500'000U);
  EXPECT_EQ(outcome.trace->upcall, 31U);
  EXPECT_EQ(outcome.trace->timer, 27U);
  EXPECT_THAT(outcome.trace->steps, ElementsAre("one", "two"));
  EXPECT_EQ(outcome.trace->cpus.at(1).recorded, 2U);
  EXPECT_THAT(outcome.trace->cpus.at(1).entries, ElementsAre(Trace_entry{0x10, Trace_kind::wait_begin, 0, 0},
                                                             Trace_entry{0x14, Trace_kind::wait_end, 0, 0}));
}

TEST(Trace_parser, leaves_other_lines_to_others) {
  Trace_parser parser;
  EXPECT_FALSE(parser.line("enlighten: boot xen=4.17"));
  EXPECT_FALSE(parser.line("enlighten: tracery a=1"));
  EXPECT_FALSE(parser.line("  enlighten: trace cpu=1"));
  EXPECT_FALSE(parser.finish());
}

TEST(Trace_parser, names_what_is_wrong_with_a_line) {
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10 d=!!!!"),
              HasSubstr("cpu 1 with n=0 has no data in base64"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10 d=AAoAA"), HasSubstr("no data in base64"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10"), HasSubstr("no data in base64"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 d=AAoAAA"), HasSubstr("does not say when it begins"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=-1 d=AAoAAA"), HasSubstr("does not say when it begins"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=2 n=0 at=0x10 d=AAoAAA"), HasSubstr("of no CPU that has"));
  EXPECT_THAT(problem_of("enlighten: trace n=0 at=0x10 d=AAoAAA"), HasSubstr("of no CPU that has"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10 d=AP8AAA"), HasSubstr("entry 0 is of kind 255"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10 d=AAo"), HasSubstr("entry 0 lacks its numbers"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10 d=gICA"), HasSubstr("entry 0 has no time"));
  // A count that never ends, and one that goes round.
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10 d=gICAgICAgICAgICAgAEKAAA"), HasSubstr("has no time"));
  EXPECT_THAT(problem_of("enlighten: trace cpu=1 n=0 at=0x10 d=////////////AQoAAA"), HasSubstr("has no time"));
}

TEST(Trace_parser, misses_what_was_announced_and_did_not_come) {
  EXPECT_THAT(read({head, first_cpu}).problems, ElementsAre(HasSubstr("the trace has no end")));
  EXPECT_THAT(read({head, first_cpu, "enlighten: trace_end lines=3"}).problems,
              ElementsAre(HasSubstr("3 lines of the trace were printed and 0 read")));
}

TEST(Trace_parser, is_not_led_to_believe_in_a_second_guest_or_an_earlier_time) {
  EXPECT_THAT(read({head, head, "enlighten: trace_end lines=0"}).problems, ElementsAre(HasSubstr("a second")));
  EXPECT_THAT(read({"enlighten: trace cpu=1 n=0 at=0x10 d=AAoAAA"}).problems,
              ElementsAre(HasSubstr("before the `trace_guest` one")));
  EXPECT_THAT(read({"enlighten: trace_guest cpus=4 hertz=0"}).problems, ElementsAre(HasSubstr("no hertz")));
  EXPECT_THAT(read({"enlighten: trace_guest cpus=99999999 hertz=1"}).problems, ElementsAre(HasSubstr("no cpus")));
  const Outcome earlier = read({head, first_cpu, "enlighten: trace cpu=1 n=0 at=0x10 d=AAoAAA",
                                "enlighten: trace cpu=1 n=1 at=0xf d=AAoAAA", "enlighten: trace_end lines=2"});
  EXPECT_THAT(earlier.problems, ElementsAre(HasSubstr("n=1 is earlier than the one before it")));
  EXPECT_THAT(earlier.trace->cpus.at(1).entries, SizeIs(1));
}

TEST(Trace_parser, lists_no_more_problems_than_can_be_read) {
  std::vector<std::string> lines{head, first_cpu};
  lines.insert(lines.end(), 500, "enlighten: trace cpu=1 n=0 at=0x10 d=!");
  lines.emplace_back("enlighten: trace_end lines=500");
  const Outcome outcome = read(lines);
  EXPECT_THAT(outcome.problems, SizeIs(11));
  EXPECT_EQ(outcome.problems.back(), "and 490 more lines are wrong");
}

}  // namespace
}  // namespace enlighten::report
