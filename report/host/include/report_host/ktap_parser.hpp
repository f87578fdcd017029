// SPDX-License-Identifier: MIT
// Reads KTAP version 1 ([ktap]), however broken, from among a program's other output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <report_host/run.hpp>

namespace enlighten::report {

// Fed line by line. Never fails: what should not be so is a Problem beside the tests.
//
// - SKIP and TODO (a failure that is known) count as skipped, XFAIL as passed, TIMEOUT and ERROR as failed.
// - Diagnostics belong to the result line that follows them.
// - Tests within a group are named `group/test`. A group is a case itself only when it is empty, or fails although
// none
//   of its tests does.
class Ktap_parser {
 public:
  // Whether the line belongs to KTAP; all others are the program's own words.
  bool line(std::string_view text);

  // Closes what is open. The parser is as new afterwards.
  [[nodiscard]] Tests finish();

 private:
  // What stands at one depth of indentation.
  struct Level {
    std::size_t indent = 0;
    std::string name;  // if a `# Subtest:` line announced it
    std::optional<std::uint64_t> planned;
    std::uint64_t results = 0;
    std::uint64_t next_number = 1;
    std::set<std::uint64_t> numbers;
    std::vector<std::string> diagnostics;  // of the next result line
    std::vector<Test> cases;
    // A deeper level that was read to its end and waits for the result line that names it.
    std::optional<std::vector<Test>> group;
    std::string group_name;
  };

  bool version_line(std::size_t indent, std::string_view text);
  bool result_line(std::size_t indent, std::string_view text);
  bool plan_line(std::size_t indent, std::string_view text);
  bool diagnostic_line(std::size_t indent, std::string_view text);
  bool bail_out_line(std::string_view text);

  void close_deeper_than(std::size_t indent);
  void close_innermost();
  void open(std::size_t indent);
  [[nodiscard]] bool open_at(std::size_t indent) const;
  void check_number(Level& level, std::optional<std::uint64_t> number);
  void check_plan(const Level& level);
  void take_group(Level& level, Test result);
  void add_case(Level& level, Test test);
  void problem(std::string text);

  std::vector<Level> levels_;
  Tests read_;
  std::size_t case_count_ = 0;
  std::size_t line_ = 0;
};

}  // namespace enlighten::report
