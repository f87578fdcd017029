// SPDX-License-Identifier: MIT
// Reads KTAP version 1, however broken, from among a program's other output.
#include <report_host/ktap_parser.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "ktap_line.hpp"

namespace enlighten::report {
namespace {

// A guest that goes round in circles must not fill the memory of whoever watches.
constexpr std::size_t most_cases = 100'000;
constexpr std::size_t most_diagnostics = 1'000;
constexpr std::size_t most_problems = 100;
constexpr std::size_t deepest = 8;

void move_to_end(std::vector<Test>& all, std::vector<Test> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::uint64_t first_missing(const std::set<std::uint64_t>& numbers) {
  std::uint64_t expected = 1;
  for (const std::uint64_t number : numbers) {
    if (number > expected) {
      break;
    }
    expected = number + 1;
  }
  return expected;
}

}  // namespace

bool Ktap_parser::line(std::string_view text) {
  ++line_;
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(indent);
  return version_line(indent, text) || result_line(indent, text) || plan_line(indent, text) ||
         diagnostic_line(indent, text) || bail_out_line(text);
}

Tests Ktap_parser::finish() {
  line_ = 0;
  while (!levels_.empty()) {
    close_innermost();
  }
  Tests tests = std::move(read_);
  *this = {};
  return tests;
}

bool Ktap_parser::version_line(std::size_t indent, std::string_view text) {
  const std::optional<ktap_line::Version> version = ktap_line::version(text);
  if (!version) {
    return false;
  }
  if (!version->known) {
    problem(fmt::format("unknown version, read as KTAP version 1: {}", text));
  }
  close_deeper_than(indent);
  if (open_at(indent)) {
    close_innermost();
  }
  if (levels_.empty() && read_.reported) {
    problem("KTAP begins a second time");
  }
  open(indent);
  return true;
}

bool Ktap_parser::result_line(std::size_t indent, std::string_view text) {
  std::optional<ktap_line::Result> result = ktap_line::result(text);
  // "ok" is also a word people say; outside KTAP a number is what tells a result.
  if (!result || (levels_.empty() && !result->number)) {
    return false;
  }
  close_deeper_than(indent);
  if (!open_at(indent)) {
    problem("a result without a KTAP version line before it");
    open(indent);
  }
  Level& level = levels_.back();
  ++level.results;
  check_number(level, result->number);
  Test test{.name = std::move(result->name),
            .outcome = result->outcome,
            .reason = std::move(result->reason),
            .diagnostics = std::exchange(level.diagnostics, {})};
  if (test.name.empty()) {
    test.name = level.group_name.empty() ? fmt::format("test {}", level.results) : level.group_name;
  }
  if (level.group) {
    take_group(level, std::move(test));
  } else {
    add_case(level, std::move(test));
  }
  return true;
}

bool Ktap_parser::plan_line(std::size_t indent, std::string_view text) {
  const std::optional<ktap_line::Plan> plan = ktap_line::plan(text);
  if (!plan || levels_.empty()) {
    return false;
  }
  close_deeper_than(indent);
  if (!open_at(indent)) {
    problem("a plan without a KTAP version line before it");
    open(indent);
  }
  Level& level = levels_.back();
  if (level.planned) {
    problem(fmt::format("a second plan, for {} tests", plan->planned));
  } else {
    level.planned = plan->planned;
  }
  return true;
}

bool Ktap_parser::diagnostic_line(std::size_t indent, std::string_view text) {
  if (levels_.empty() || !(text == "#" || text.starts_with("# "))) {
    return false;
  }
  text.remove_prefix(std::min<std::size_t>(2, text.size()));
  constexpr std::string_view subtest = "Subtest: ";
  if (text.starts_with(subtest)) {
    close_deeper_than(indent);
    if (!open_at(indent)) {
      open(indent);
    }
    levels_.back().name = text.substr(subtest.size());
    return true;
  }
  const auto at = std::ranges::find_if(levels_.rbegin(), levels_.rend(),
                                       [indent](const Level& level) { return level.indent <= indent; });
  Level& level = at == levels_.rend() ? levels_.front() : *at;
  if (level.diagnostics.size() < most_diagnostics) {
    level.diagnostics.emplace_back(text);
  }
  return true;
}

bool Ktap_parser::bail_out_line(std::string_view text) {
  constexpr std::string_view bail_out = "Bail out!";
  if (levels_.empty() || !text.starts_with(bail_out)) {
    return false;
  }
  problem(fmt::format("the program gave up:{}", text.substr(bail_out.size())));
  return true;
}

void Ktap_parser::close_deeper_than(std::size_t indent) {
  while (!levels_.empty() && levels_.back().indent > indent) {
    close_innermost();
  }
}

void Ktap_parser::close_innermost() {
  Level level = std::move(levels_.back());
  levels_.pop_back();
  check_plan(level);
  if (level.group) {
    problem("a group of tests has no result line");
    move_to_end(level.cases, *std::move(level.group));
  }
  if (levels_.empty()) {
    move_to_end(read_.cases, std::move(level.cases));
    return;
  }
  Level& outer = levels_.back();
  if (outer.group) {
    problem("a group of tests has no result line");
    move_to_end(*outer.group, std::move(level.cases));
  } else {
    outer.group = std::move(level.cases);
  }
  outer.group_name = std::move(level.name);
}

void Ktap_parser::open(std::size_t indent) {
  if (levels_.size() == deepest) {
    problem(fmt::format("groups of tests are nested deeper than {}", deepest));
    close_innermost();
  }
  read_.reported = true;
  levels_.emplace_back().indent = indent;
}

bool Ktap_parser::open_at(std::size_t indent) const {
  return !levels_.empty() && levels_.back().indent == indent;
}

void Ktap_parser::check_number(Level& level, std::optional<std::uint64_t> number) {
  if (!number) {
    problem("a result without a number");
    number = level.next_number;
  } else if (level.numbers.contains(*number)) {
    problem(fmt::format("test {} is reported twice", *number));
  } else if (*number != level.next_number) {
    problem(fmt::format("test {} is reported where {} was expected", *number, level.next_number));
  }
  level.numbers.insert(*number);
  level.next_number = *number + 1;
}

void Ktap_parser::check_plan(const Level& level) {
  if (!level.planned) {
    problem(fmt::format("no plan: after {} results the program may have stopped early", level.results));
  } else if (level.results < *level.planned) {
    problem(fmt::format("{} tests planned, {} reported; number {} is missing", *level.planned, level.results,
                        first_missing(level.numbers)));
  } else if (level.results > *level.planned) {
    problem(fmt::format("{} tests planned, {} reported", *level.planned, level.results));
  }
}

void Ktap_parser::take_group(Level& level, Test result) {
  std::vector<Test> tests = std::exchange(level.group, std::nullopt).value_or(std::vector<Test>{});
  level.group_name.clear();
  const auto failed = std::ranges::find(tests, Outcome::failed, &Test::outcome);
  const bool any_failed = failed != tests.end();
  if (any_failed && result.outcome != Outcome::failed) {
    problem(fmt::format("group {} is not reported as failed, its test {} is", result.name, failed->name));
  }
  if (any_failed) {
    std::ranges::move(result.diagnostics, std::back_inserter(failed->diagnostics));
  }
  for (Test& test : tests) {
    test.name = fmt::format("{}/{}", result.name, test.name);
  }
  const bool is_case = tests.empty() || (result.outcome == Outcome::failed && !any_failed);
  move_to_end(level.cases, std::move(tests));
  if (is_case) {
    add_case(level, std::move(result));
  }
}

void Ktap_parser::add_case(Level& level, Test test) {
  if (case_count_ < most_cases) {
    level.cases.push_back(std::move(test));
  } else if (case_count_ == most_cases) {
    problem(fmt::format("more than {} tests; the later ones are not kept", most_cases));
  }
  ++case_count_;
}

void Ktap_parser::problem(std::string text) {
  if (read_.problems.size() < most_problems) {
    read_.problems.push_back({line_, std::move(text)});
  }
}

}  // namespace enlighten::report
