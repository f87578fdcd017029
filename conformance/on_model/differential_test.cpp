// SPDX-License-Identifier: MIT
// Tests of random programs, on the model: what they are made of, and what their answers depend on.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "differential_run.hpp"

namespace enlighten::conformance {
namespace {

using differential::Request;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class Lines final : public report::Line_sink {
 public:
  void line(std::string_view text) noexcept override { lines.emplace_back(text); }

  std::vector<std::string> lines;
};

Request request_of(std::uint64_t seed, std::uint32_t programs = 100, std::uint32_t length = 30) {
  Request request;
  request.seed = seed;
  request.programs = programs;
  request.length = length;
  return request;
}

std::vector<std::string> texts(const Request& request) {
  Lines lines;
  differential::tell(lines, request);
  return lines.lines;
}

std::vector<std::string> answers(const Request& request, std::uint64_t order = 1,
                                 const model::Xen_options& xen = {}) {
  Lines lines;
  EXPECT_EQ(run_on_model(request, xen, order, lines), report::Verdict::success);
  return lines.lines;
}

// Without which program it is of, and which step.
std::vector<std::string> steps_only(std::vector<std::string> lines) {
  for (std::string& line : lines) {
    line.erase(0, line.find('{'));
  }
  return lines;
}

TEST(Random_programs, follow_from_their_seed) {
  EXPECT_EQ(texts(request_of(7)), texts(request_of(7)));
  EXPECT_NE(texts(request_of(7)), texts(request_of(8)));
}

TEST(Random_programs, do_everything_there_is) {
  std::set<std::string> operations;
  std::set<char> vcpus;
  for (const std::string& step : steps_only(texts(request_of(1, 500)))) {
    constexpr std::string_view mark = "Operation::";
    const std::size_t begin = step.find(mark) + mark.size();
    operations.insert(step.substr(begin, step.find(',', begin) - begin));
    vcpus.insert(step[1]);
  }
  EXPECT_THAT(operations, SizeIs(differential::operations));
  EXPECT_THAT(vcpus, ElementsAre('0', '1', '2', '3'));
}

TEST(Random_programs, are_selected_by_program_and_step) {
  const Request all = request_of(3, 5, 8);
  const std::vector<std::string> whole = steps_only(texts(all));
  Request part = all;
  part.only = "4.81,2.1";
  EXPECT_THAT(steps_only(texts(part)), ElementsAre(whole[4 * 8], whole[4 * 8 + 7], whole[2 * 8]));
  part.only = "4.ff.0";
  EXPECT_THAT(steps_only(texts(part)), Each(StartsWith("{0, ")));
}

TEST(Random_programs, that_are_not_understood_are_refused) {
  for (const std::string_view only : {"x.1", "1", "1.", "1.g", "1.1.1", "1.1.0x"}) {
    Lines lines;
    Request broken;
    broken.only = only;
    EXPECT_EQ(run_on_model(broken, {}, 1, lines), report::Verdict::error) << only;
    EXPECT_THAT(lines.lines, testing::Contains(HasSubstr("only="))) << only;
  }
  Request request;
  EXPECT_FALSE(set(request, "length", "257"));
  EXPECT_FALSE(set(request, "programs", "ten"));
  EXPECT_FALSE(set(request, "seed", ""));
  EXPECT_FALSE(set(request, "detail", "all"));
  EXPECT_TRUE(set(request, "length", "256"));
  EXPECT_EQ(request.length, 256);
}

TEST(Random_programs, are_answered_alike_in_whatever_order_vcpus_run) {
  const Request request = request_of(5);
  EXPECT_EQ(answers(request, 1), answers(request, 2));
}

// As specified; real Xen remembers what was pending before a reset.
TEST(Random_programs, leave_nothing_behind) {
  model::Xen_options specified;
  specified.quirks.keeps_pending_over_reset = false;
  Request once = request_of(9, 40);
  once.detail = differential::Detail::memory;
  std::vector<std::string> whole = answers(once, 1, specified);
  Request last = once;
  last.only = "39.3fffffff";
  std::vector<std::string> alone = answers(last, 1, specified);
  std::erase_if(whole, [](const std::string& line) { return line.substr(2, 3) != "39 "; });
  for (std::string& line : whole) {
    line.replace(2, 2, "0");
  }
  EXPECT_EQ(whole, alone);
}

TEST(Random_programs, tell_two_releases_apart) {
  const Request request = request_of(1);
  model::Xen_options later;
  later.release = model::Release::v4_18;
  EXPECT_NE(answers(request), answers(request, 1, later));
}

TEST(Found_programs, are_answered_as_by_xen) {
  Request request;
  request.found = true;
  EXPECT_THAT(answers(request), testing::Not(testing::Contains(HasSubstr("expected"))));
}

}  // namespace
}  // namespace enlighten::conformance
