// SPDX-License-Identifier: MIT
// Tests of the records a guest writes; that the runner reads the same is tested in report/host.
#include <report/record.hpp>

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collected_lines.hpp"

namespace enlighten::report {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

TEST(Record_line, is_prefix_kind_and_pairs) {
  Record_line record{record_kind::boot};
  record.text("xen", "4.17.5").text("arch", "aarch64").integer("cpus", 17U).hexadecimal("base", 0x4000'0000);
  EXPECT_EQ(record.view(), "enlighten: boot xen=4.17.5 arch=aarch64 cpus=17 base=0x40000000");
  EXPECT_TRUE(record.complete());
}

TEST(Record_line, writes_every_integer_there_is) {
  Record_line record{"numbers"};
  record.integer("zero", 0)
      .integer("least", std::numeric_limits<std::int64_t>::min())
      .integer("most", std::numeric_limits<std::uint64_t>::max())
      .integer("byte", static_cast<std::int8_t>(-5));
  record.hexadecimal("none", 0).hexadecimal("all", std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(record.view(),
            "enlighten: numbers zero=0 least=-9223372036854775808 most=18446744073709551615 byte=-5 none=0x0 "
            "all=0xffffffffffffffff");
}

TEST(Record_line, quotes_what_is_not_one_plain_word) {
  Record_line record{"end"};
  record.text("reason", "no event").text("empty", "").text("equal", "a=b").text("path", "/cpus/cpu@1:x");
  EXPECT_EQ(record.view(), "enlighten: end reason=\"no event\" empty=\"\" equal=\"a=b\" path=\"/cpus/cpu@1:x\"");
}

TEST(Record_line, escapes_quotes_backslashes_and_control_characters) {
  Record_line record{"end"};
  record.text("reason", "say \"x\\y\"\r\n\t\x1b\x7f");
  EXPECT_EQ(record.view(), R"(enlighten: end reason="say \"x\\y\"\r\n\t\x1b\x7f")");
}

TEST(Record_line, cuts_a_long_text_inside_its_quotes) {
  Record_line record{"end"};
  record.text("reason", std::string(500, '\n')).integer("code", 1);
  EXPECT_LE(record.view().size(), longest_line);
  EXPECT_THAT(std::string{record.view()}, EndsWith("\\n...\" cut=yes"));
  EXPECT_FALSE(record.complete());
}

TEST(Record_line, leaves_out_a_pair_that_does_not_fit_and_all_after_it) {
  Record_line record{"boot"};
  record.text("first", std::string(140, 'x'));
  ASSERT_TRUE(record.complete());
  const std::string before{record.view()};
  record.hexadecimal("mpidr", std::numeric_limits<std::uint64_t>::max()).integer("n", 1).text("t", "x");
  EXPECT_EQ(record.view(), before + " cut=yes");
  EXPECT_FALSE(record.complete());
}

TEST(Record_line, stays_within_its_line_wherever_the_room_ends) {
  for (std::size_t filled = 0; filled <= longest_line; ++filled) {
    for (const std::string_view value : {"word", "two words", "\x01\x02\x03\x04"}) {
      Record_line record{"k"};
      record.text("filler", std::string(filled, 'x')).text("key", value).integer("number", 1234567);
      ASSERT_LE(record.view().size(), longest_line);
      ASSERT_EQ(record.complete(), !record.view().ends_with(" cut=yes")) << record.view();
    }
  }
}

TEST(Count_lines, writes_one_record_when_all_fits) {
  Collected_lines sink;
  {
    Count_lines{sink}.add("hypercalls", 12).add("psci", 0);
  }
  EXPECT_THAT(sink.lines, ElementsAre("enlighten: count hypercalls=12 psci=0"));
}

TEST(Count_lines, writes_nothing_when_nothing_was_counted) {
  Collected_lines sink;
  {
    const Count_lines counts{sink};
  }
  EXPECT_THAT(sink.lines, IsEmpty());
}

TEST(Count_lines, goes_on_in_another_record_when_a_line_is_full) {
  Collected_lines sink;
  std::string all;
  {
    Count_lines counts{sink};
    for (unsigned i = 0; i < 20; ++i) {
      const std::string name = "a_rather_long_name_" + std::to_string(i);
      counts.add(name, i);
      all += " " + name + "=" + std::to_string(i);
    }
  }
  EXPECT_THAT(sink.lines, SizeIs(testing::Gt(1U)));
  std::string read;
  for (const std::string& line : sink.lines) {
    EXPECT_THAT(line, StartsWith("enlighten: count "));
    EXPECT_LE(line.size(), longest_line);
    read += line.substr(std::string_view{"enlighten: count"}.size());
  }
  EXPECT_EQ(read, all);
}

TEST(End_record, says_verdict_code_and_reason) {
  EXPECT_EQ(end_record(Verdict::failure, -1, "lost 3 events").view(),
            "enlighten: end verdict=failure code=-1 reason=\"lost 3 events\"");
}

}  // namespace
}  // namespace enlighten::report
