// SPDX-License-Identifier: MIT
// Tests of reading a whole console, as it should be and after a storm.
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <report_host/json.hpp>
#include <report_host/judge.hpp>
#include <report_host/junit.hpp>
#include <report_host/parser.hpp>

namespace enlighten::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr std::string_view console =
    "enlighten: boot xen=4.17.5 arch=aarch64 cpus=17 events=fifo image=smp\n"
    "vcpu cpu=0 xen_vcpu=0 mpidr=0x80000000 vcpu_info=0x40213000 events=fifo\n"
    "KTAP version 1\n"
    "1..2\n"
    "  KTAP version 1\n"
    "  1..2\n"
    "  ok 1 bind\n"
    "  # sent 16 received 15\n"
    "  not ok 2 send # lost\n"
    "not ok 1 events\n"
    "ok 2 grants # SKIP not on Xen\n"
    "enlighten: count hypercalls=34 psci=16\n"
    "enlighten: count hypercalls=35 traps=2 cut=yes\n"
    "enlighten: end verdict=failure code=1 reason=\"lost \\\"1\\\" event\"\n";

Domain read(std::string_view text) {
  Console_parser parser;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    parser.line(text.substr(0, end));
    text.remove_prefix(end);
  }
  Domain domain;
  parser.finish_into(domain);
  return domain;
}

TEST(Console_parser, reads_everything_a_guest_says) {
  const Domain domain = read(console);
  EXPECT_THAT(domain.problems, IsEmpty());
  EXPECT_THAT(domain.records, SizeIs(4));
  EXPECT_THAT(domain.counts, ElementsAre(Pair("hypercalls", 35), Pair("psci", 16), Pair("traps", 2)));
  EXPECT_EQ(domain.tests.count(Outcome::passed), 1U);
  EXPECT_EQ(domain.tests.count(Outcome::failed), 1U);
  EXPECT_EQ(domain.tests.count(Outcome::skipped), 1U);
  ASSERT_TRUE(domain.end);
  EXPECT_EQ(domain.end->verdict, Verdict::failure);
  EXPECT_EQ(domain.end->code, 1);
  EXPECT_EQ(domain.end->reason, "lost \"1\" event");
  EXPECT_EQ(domain.panic, std::nullopt);
}

TEST(Console_parser, tells_kinds_of_lines) {
  Console_parser parser;
  EXPECT_EQ(parser.line("hello"), Line_kind::text);
  EXPECT_EQ(parser.line("enlighten: boot xen=none"), Line_kind::record);
  EXPECT_EQ(parser.line("enlighten: ???"), Line_kind::record);
  EXPECT_EQ(parser.line("KTAP version 1"), Line_kind::ktap);
}

TEST(Console_parser, knows_the_end_and_a_panic_at_once) {
  Console_parser parser;
  parser.line("enlighten: panic cpu=3 vcpu=3 reason=\"stack overflow\"");
  EXPECT_EQ(parser.panic(), "stack overflow");
  EXPECT_FALSE(parser.end());
  parser.line("enlighten: panic cpu=4 reason=later");
  EXPECT_EQ(parser.panic(), "stack overflow");
  parser.line("enlighten: end verdict=crash code=0 reason=\"stack overflow\"");
  ASSERT_TRUE(parser.end());
  EXPECT_EQ(parser.end()->verdict, Verdict::crash);
}

TEST(Console_parser, keeps_the_first_of_two_last_words) {
  const Domain domain = read("enlighten: end verdict=failure code=1\nenlighten: end verdict=success code=0\n");
  EXPECT_EQ(domain.end->verdict, Verdict::failure);
  ASSERT_THAT(domain.problems, SizeIs(1));
  EXPECT_EQ(domain.problems.front().line, 2U);
}

TEST(Console_parser, lists_records_it_cannot_read) {
  const Domain domain = read("enlighten: end verdict=\nenlighten: end x\nenlighten: count a=b\n");
  EXPECT_EQ(domain.end, std::nullopt);
  ASSERT_THAT(domain.problems, SizeIs(3));
  EXPECT_THAT(domain.problems[0].text, HasSubstr("verdict"));
  EXPECT_THAT(domain.problems[1].text, HasSubstr("no key=value"));
  EXPECT_THAT(domain.problems[2].text, HasSubstr("count a=b is no integer"));
}

TEST(Console_parser, leaves_alone_what_is_not_read_from_a_console) {
  Domain domain;
  domain.name = "smp";
  domain.vcpus = 17;
  domain.ending = Domain_ending::shut_down;
  Console_parser parser;
  parser.finish_into(domain);
  EXPECT_EQ(domain.name, "smp");
  EXPECT_EQ(domain.vcpus, 17U);
  EXPECT_EQ(domain.ending, Domain_ending::shut_down);
}

TEST(Console_parser, keeps_only_so_many_records) {
  Console_parser parser;
  for (int i = 0; i < 20'000; ++i) {
    parser.line("enlighten: tick");
  }
  Domain domain;
  parser.finish_into(domain);
  EXPECT_THAT(domain.records, SizeIs(10'000));
  EXPECT_THAT(domain.problems, testing::Not(IsEmpty()));
}

// One change to a console log: a byte, a piece, or a line of it is lost, doubled, moved or replaced.
void mutate(std::string& text, std::mt19937& random) {
  const auto below = [&random](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random);
  };
  if (text.empty()) {
    text = "KTAP version 1\n";
  }
  const std::size_t at = below(text.size());
  const std::size_t count = below(std::min<std::size_t>(text.size() - at, 80)) + 1;
  constexpr std::string_view telling =
      "\n \n  #\"\\=0123456789.\x1b\xff\xc3 enlighten: end KTAP version 1\nnot ok 1..";
  switch (below(7)) {
    case 0:
      text[at] = static_cast<char>(below(256));
      break;
    case 1:
      text.erase(at, count);
      break;
    case 2:
      text.insert(below(text.size()), text.substr(at, count));
      break;
    case 3:
      text.resize(at);
      break;
    case 4:
      text.insert(at, telling.substr(below(telling.size()), count));
      break;
    case 5:
      text.insert(at, std::string(count, ' '));
      break;
    default:
      text.insert(at, std::string(count, static_cast<char>('0' + below(10))));
      break;
  }
}

TEST(Console_parser, survives_whatever_arrives) {
  std::mt19937 random{20'170'417};
  for (int round = 0; round < 4'000; ++round) {
    std::string text{console};
    for (int change = 0; change <= round % 16; ++change) {
      mutate(text, random);
    }
    report::Run run;
    run.ending = Machine_ending::stopped;
    run.domains.push_back(read(text));
    const Tests& tests = run.domains.front().tests;
    ASSERT_EQ(tests.count(Outcome::passed) + tests.count(Outcome::failed) + tests.count(Outcome::skipped),
              tests.cases.size());
    conclude(run);
    ASSERT_FALSE(json_text(run).empty());
    ASSERT_FALSE(to_junit(run).empty());
  }
}

// A log that lost its end must never look better than it was.
TEST(Console_parser, takes_no_truncated_log_for_a_success) {
  const std::string_view good =
      "KTAP version 1\n1..2\n  KTAP version 1\n  1..1\n  ok 1 a\nok 1 group\nok 2 b\n"
      "enlighten: end verdict=success code=0\n";
  for (std::size_t length = 0; length <= good.size(); ++length) {
    const Domain domain = read(good.substr(0, length));
    const Verdict verdict = judge(domain).verdict;
    const bool has_verdict = good.substr(0, length).contains("verdict=success");
    ASSERT_TRUE(verdict == Verdict::crash || (verdict == Verdict::success && has_verdict))
        << good.substr(0, length);
  }
}

TEST(Console_parser, takes_no_log_with_a_lost_line_for_a_success) {
  const std::vector<std::string> lines{"KTAP version 1\n",   "1..3\n",
                                       "  KTAP version 1\n", "  1..2\n",
                                       "  ok 1 a\n",         "  ok 2 b\n",
                                       "ok 1 group\n",       "ok 2 c\n",
                                       "ok 3 d\n",           "enlighten: end verdict=success code=0\n"};
  for (std::size_t lost = 0; lost <= lines.size(); ++lost) {
    std::string text;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      text += i == lost ? "" : lines[i];
    }
    EXPECT_EQ(judge(read(text)).verdict == Verdict::success, lost == lines.size()) << text;
  }
}

}  // namespace
}  // namespace enlighten::report
