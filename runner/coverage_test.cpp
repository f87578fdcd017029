// SPDX-License-Identifier: MIT
// Tests of the coverage that is read from gcov: what counts, what is put together, and what is too little.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <runner/coverage.hpp>
#include <runner/coverage_report.hpp>
#include <runner/failure.hpp>
#include <runner/test_programs.hpp>

#include "test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

// One line of gcov's, as it stands in "lines".
std::string line(unsigned number, unsigned times, const std::string& branches = "") {
  return R"({"branches": [)" + branches + R"(], "count": )" + std::to_string(times) + R"(, "line_number": )" +
         std::to_string(number) + R"(, "unexecuted_block": false, "function_name": "f"})";
}

std::string branch(unsigned times, bool fallthrough, bool thrown = false) {
  return R"({"fallthrough": )" + std::string{fallthrough ? "true" : "false"} + R"(, "count": )" +
         std::to_string(times) + R"(, "throw": )" + (thrown ? "true" : "false") + "}";
}

// What gcov says of an object file made of these lines of one source.
std::string object(const std::string& file, const std::string& lines) {
  return R"({"gcc_version": "12.2.0", "files": [{"lines": [)" + lines + R"(], "functions": [], "file": ")" + file +
         R"("}], "format_version": "1", "current_working_directory": "/tree/build/x", "data_file": "a.gcno"})" +
         "\n";
}

std::vector<Covered_source> sources_of(const std::string& gcov, std::string_view folder = "guest") {
  Coverage coverage{"/tree"};
  coverage.add(gcov);
  return coverage.sources(folder);
}

TEST(Coverage, counts_the_lines_that_were_run_and_names_the_others) {
  const auto sources = sources_of(object("guest/a.cpp", line(3, 7) + "," + line(9, 0) + "," + line(5, 0)));
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].path, "guest/a.cpp");
  EXPECT_EQ(sources[0].lines, (Share{.covered = 1, .total = 3}));
  EXPECT_THAT(sources[0].uncovered, ElementsAre(5U, 9U));
}

TEST(Coverage, of_a_line_in_several_objects_or_instantiations_is_that_of_all) {
  const std::string header = "guest/include/guest/a.hpp";
  const auto sources = sources_of(object(header, line(1, 0, branch(0, true) + "," + branch(0, false)) + "," +
                                                     line(1, 2, branch(2, true) + "," + branch(0, false))) +
                                  object(header, line(1, 0) + "," + line(2, 0)));
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_THAT(sources[0].uncovered, ElementsAre(2U));
  EXPECT_EQ(sources[0].branches, (Share{.covered = 1, .total = 2}));
}

TEST(Coverage, leaves_out_the_branches_of_exceptions_and_the_ways_on_beside_them) {
  const auto sources =
      sources_of(object("guest/a.cpp", line(1, 1,
                                            branch(1, true) + "," + branch(0, false, true) + "," + branch(1, true) +
                                                "," + branch(0, false) + "," + branch(0, false, true))));
  EXPECT_EQ(sources.at(0).branches, (Share{.covered = 1, .total = 2}));
}

TEST(Coverage, finds_a_source_that_is_named_from_the_build_folder) {
  EXPECT_EQ(sources_of(object("../../guest/a.cpp", line(1, 1))).at(0).path, "guest/a.cpp");
}

TEST(Coverage, is_that_of_one_folder_without_its_tests) {
  const auto sources =
      sources_of(object("guest/a.cpp", line(1, 1)) + object("guest/a_test.cpp", line(1, 1)) +
                 object("guest/test/world.hpp", line(1, 1)) + object("guests/b.cpp", line(1, 1)) +
                 object("base/include/base/ids.hpp", line(1, 1)) + object("guest/include/guest/types.hpp", ""));
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(sources[0].path, "guest/a.cpp");
}

TEST(Coverage, is_listed_lowest_first) {
  const auto sources =
      sources_of(object("guest/a.cpp", line(1, 1)) + object("guest/b.cpp", line(1, 1) + "," + line(2, 0)) +
                 object("guest/c.cpp", line(1, 0)));
  ASSERT_EQ(sources.size(), 3U);
  EXPECT_EQ(sources[0].path, "guest/c.cpp");
  EXPECT_EQ(sources[1].path, "guest/b.cpp");
  EXPECT_EQ(sources[2].path, "guest/a.cpp");
}

TEST(Coverage, is_not_read_from_what_gcov_does_not_print) {
  Coverage coverage{"/tree"};
  for (const char* const text :
       {"File 'a.cpp'\n", "{}\n", "{\"current_working_directory\": \"/\", \"files\": [{}]}\n"}) {
    EXPECT_THAT([&] { coverage.add(text); }, ThrowsMessage<Failure>(HasSubstr("gcov's output"))) << text;
  }
}

TEST(Share, is_never_rounded_up) {
  EXPECT_EQ((Share{.covered = 1999, .total = 2000}.percent()), "99.9 %");
  EXPECT_EQ((Share{.covered = 2, .total = 2}.percent()), "100.0 %");
  EXPECT_EQ((Share{}.percent()), "-");
  EXPECT_TRUE((Share{.covered = 9, .total = 10}.at_least(90)));
  EXPECT_FALSE((Share{.covered = 899, .total = 1000}.at_least(90)));
}

Folder_coverage folder_with(std::vector<Covered_source> sources) {
  return {.folder = "guest", .sources = std::move(sources), .not_built = {}};
}

Covered_source source(const char* path, unsigned covered, unsigned total) {
  return {.path = path, .lines = {.covered = covered, .total = total}, .branches = {}, .uncovered = {}};
}

TEST(Coverage_judgement, fails_a_folder_below_the_limit_and_no_other) {
  const auto below = judge_coverage(folder_with({source("guest/a.cpp", 89, 100)}), 90, 80);
  EXPECT_FALSE(below.enough);
  EXPECT_THAT(below.complaints, ElementsAre("guest: 89.0 % of its lines, less than 90 %"));
  const auto at_limit = judge_coverage(folder_with({source("guest/a.cpp", 90, 100)}), 90, 80);
  EXPECT_TRUE(at_limit.enough);
  EXPECT_THAT(at_limit.complaints, IsEmpty());
}

TEST(Coverage_judgement, names_a_source_that_is_low_in_a_folder_that_is_not) {
  const auto judgement =
      judge_coverage(folder_with({source("guest/a.cpp", 7, 10), source("guest/b.cpp", 99, 100)}), 90, 80);
  EXPECT_TRUE(judgement.enough);
  EXPECT_THAT(judgement.complaints, ElementsAre("guest/a.cpp: 70.0 % of its lines, less than 80 %"));
}

TEST(Coverage_judgement, fails_a_folder_of_which_nothing_was_built) {
  EXPECT_FALSE(judge_coverage(folder_with({}), 0, 0).enough);
}

TEST(Coverage_report, lists_what_was_not_run_and_what_was_not_built) {
  const Scratch_folder scratch;
  std::filesystem::create_directory(scratch.path() / "guest");
  scratch.write("guest/a.cpp", "one\n  two\nthree\n");
  scratch.write("guest/b.cpp", "");
  scratch.write("guest/b_test.cpp", "");
  Covered_source a = source("guest/a.cpp", 1, 2);
  a.uncovered = {2};
  const Folder_coverage coverage{
      .folder = "guest", .sources = {a}, .not_built = sources_not_built(scratch.path(), "guest", {a})};
  EXPECT_THAT(coverage.not_built, ElementsAre("guest/b.cpp"));
  EXPECT_EQ(uncovered_lines(scratch.path(), coverage), "guest/a.cpp:2: two\n");
  EXPECT_THAT(coverage_table(coverage), HasSubstr(" 50.0 %         1/2        -         0/0  guest/a.cpp\n"));
  const auto json = nlohmann::json::parse(coverage_json({coverage}));
  EXPECT_EQ(json.at("folders").at(0).at("sources").at(0).at("uncovered"), nlohmann::json({2}));
  EXPECT_EQ(json.at("folders").at(0).at("lines").at("covered"), 1);
}

TEST(Test_program, tests_the_folders_it_names_and_those_they_are_part_of) {
  const auto programs = read_test_programs("on_model_test\t/b/on_model_test\tguest,model_machine\n");
  ASSERT_EQ(programs.size(), 1U);
  EXPECT_EQ(programs[0].target, "on_model_test");
  EXPECT_EQ(programs[0].path, "/b/on_model_test");
  EXPECT_TRUE(programs[0].tests("guest"));
  EXPECT_TRUE(programs[0].tests("model"));
  EXPECT_FALSE(programs[0].tests("mode"));
  EXPECT_FALSE(programs[0].tests("machine"));
  EXPECT_THROW(static_cast<void>(read_test_programs("on_model_test\n")), Failure);
}

}  // namespace
}  // namespace enlighten::runner
