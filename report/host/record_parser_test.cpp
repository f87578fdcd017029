// SPDX-License-Identifier: MIT
// Tests of reading records, against the writer and against lines no writer makes.
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <report/record.hpp>
#include <report_host/parser.hpp>

namespace enlighten::report {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Record parsed(std::string_view line) {
  auto record = parse_record(line);
  EXPECT_TRUE(record && *record) << line;
  return record && *record ? **std::move(record) : Record{};
}

std::string refused(std::string_view line) {
  const auto record = parse_record(line);
  EXPECT_TRUE(record && !*record) << line;
  return record && !*record ? record->error() : "";
}

TEST(Parse_record, reads_kind_and_pairs_in_order) {
  const Record record = parsed("enlighten: boot xen=4.17.5 cpus=17 mpidr=0x80000101 reason=\"two words\" empty=");
  EXPECT_EQ(record.kind, "boot");
  EXPECT_EQ(record.pairs.front().first, "xen");
  EXPECT_EQ(record.text("xen"), "4.17.5");
  EXPECT_EQ(record.integer("cpus"), 17);
  EXPECT_EQ(record.integer("mpidr"), 0x8000'0101);
  EXPECT_EQ(record.text("reason"), "two words");
  EXPECT_EQ(record.text("empty"), "");
  EXPECT_EQ(record.text("missing"), std::nullopt);
  EXPECT_EQ(record.integer("missing"), std::nullopt);
  EXPECT_EQ(record.integer("xen"), std::nullopt);
  EXPECT_EQ(record.integer("empty"), std::nullopt);
}

TEST(Parse_record, does_not_mind_the_line_end) {
  EXPECT_EQ(parsed("enlighten: end code=0\r\n").integer("code"), 0);
}

TEST(Parse_record, needs_no_pairs) {
  EXPECT_THAT(parsed("enlighten: ready").pairs, IsEmpty());
}

TEST(Parse_record, leaves_other_lines_alone) {
  for (const std::string_view line : {"", "enlighten", "enlighten:end", " enlighten: end", "Enlighten: end"}) {
    EXPECT_FALSE(parse_record(line).has_value()) << line;
  }
}

TEST(Parse_record, says_what_is_wrong) {
  EXPECT_THAT(refused("enlighten: "), HasSubstr("no kind"));
  EXPECT_THAT(refused("enlighten: end code"), HasSubstr("no key=value"));
  EXPECT_THAT(refused("enlighten: end  code=1"), HasSubstr("no key=value"));
  EXPECT_THAT(refused("enlighten: end =1"), HasSubstr("no key=value"));
  EXPECT_THAT(refused("enlighten: end code=1 "), HasSubstr("no key=value"));
  EXPECT_THAT(refused("enlighten: end a=1 a=2"), HasSubstr("twice"));
  EXPECT_THAT(refused("enlighten: end a=\"x"), HasSubstr("no end"));
  EXPECT_THAT(refused("enlighten: end a=\"x\\"), HasSubstr("wrong escape"));
  EXPECT_THAT(refused("enlighten: end a=\"\\q\""), HasSubstr("wrong escape"));
  EXPECT_THAT(refused("enlighten: end a=\"\\x4\""), HasSubstr("wrong escape"));
  EXPECT_THAT(refused("enlighten: end a=\"\\xzz\""), HasSubstr("wrong escape"));
  EXPECT_THAT(refused("enlighten: end a=\"x\"b=1"), HasSubstr("no space"));
  EXPECT_THAT(refused("enlighten: end: a=1"), HasSubstr("no space"));
}

TEST(Parse_record, reads_back_every_byte_a_guest_can_write) {
  for (int code = 0; code < 256; ++code) {
    const std::string value{'<', static_cast<char>(code), '>'};
    Record_line line{"byte"};
    line.text("value", value).integer("code", code);
    const Record record = parsed(line.view());
    EXPECT_EQ(record.text("value"), value);
    EXPECT_EQ(record.integer("code"), code);
  }
}

TEST(Parse_record, reads_back_every_integer_a_guest_can_write) {
  Record_line line{"numbers"};
  line.integer("least", std::numeric_limits<std::int64_t>::min());
  line.integer("most", std::numeric_limits<std::int64_t>::max());
  line.hexadecimal("bits", 0xff00'0000'0000'0001);
  const Record record = parsed(line.view());
  EXPECT_EQ(record.integer("least"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(record.integer("most"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(record.integer("bits"), static_cast<std::int64_t>(0xff00'0000'0000'0001));
}

TEST(Parse_record, reads_a_record_however_it_was_cut) {
  for (std::size_t length = 0; length < 300; ++length) {
    for (const char filler : {'x', '"', '\n', '\x01'}) {
      Record_line line{"end"};
      line.text("a", std::string(length, filler)).text("b", "two words").integer("c", 1);
      const Record record = parsed(line.view());
      ASSERT_EQ(record.text("cut").has_value(), !line.complete());
    }
  }
}

TEST(Parse_statement, reads_back_what_a_guest_says) {
  for (const Verdict verdict : all_verdicts) {
    const auto statement = parse_statement(parsed(end_record(verdict, -7, "because of \"x\"").view()));
    ASSERT_TRUE(statement);
    EXPECT_EQ(statement->verdict, verdict);
    EXPECT_EQ(statement->code, -7);
    EXPECT_EQ(statement->reason, "because of \"x\"");
  }
}

TEST(Parse_statement, needs_no_code_and_no_reason) {
  const auto statement = parse_statement(parsed("enlighten: end verdict=success"));
  ASSERT_TRUE(statement);
  EXPECT_EQ(statement->code, 0);
  EXPECT_EQ(statement->reason, "");
}

TEST(Parse_statement, refuses_a_verdict_or_a_code_that_is_none) {
  EXPECT_THAT(parse_statement(parsed("enlighten: end")).error(), HasSubstr("verdict \"\""));
  EXPECT_THAT(parse_statement(parsed("enlighten: end verdict=good")).error(), HasSubstr("verdict \"good\""));
  EXPECT_THAT(parse_statement(parsed("enlighten: end verdict=success code=x")).error(), HasSubstr("code \"x\""));
}

}  // namespace
}  // namespace enlighten::report
