// SPDX-License-Identifier: MIT
// Finds cases and their values in KTAP, and what is not the same in two of them.
#include <runner/compare_results.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>

#include <fmt/format.h>

namespace enlighten::runner {
namespace {

std::string_view without_indentation(std::string_view line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  return line;
}

// "ok 12 name # SKIP reason", the number and what follows it; nothing if the line is no result.
std::string_view after_number(std::string_view line) {
  if (line.starts_with("not ")) {
    line.remove_prefix(4);
  }
  if (!line.starts_with("ok ")) {
    return {};
  }
  line.remove_prefix(3);
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  return digits == 0 ? std::string_view{} : without_indentation(line.substr(digits));
}

std::string value_of(const Case_result& result, std::size_t index) {
  return index < result.values.size() ? result.values[index] : "nothing";
}

void compare(const Case_result& one, std::string_view name_of_one, const Case_result& other,
             std::string_view name_of_other, std::vector<std::string>& found) {
  if (other.skipped) {
    return;
  }
  if (one.skipped) {
    found.push_back(fmt::format("{}: skipped by {}", one.name, name_of_one));
    return;
  }
  for (std::size_t index = 0; index < std::max(one.values.size(), other.values.size()); ++index) {
    const std::string left = value_of(one, index);
    const std::string right = value_of(other, index);
    if (left != right) {
      found.push_back(
          fmt::format("{}: {} says \"{}\", {} \"{}\"", one.name, name_of_one, left, name_of_other, right));
    }
  }
}

}  // namespace

std::vector<Case_result> read_case_results(std::string_view text) {
  std::vector<Case_result> results;
  std::vector<std::string> values;
  std::vector<std::string> counts;
  std::istringstream lines{std::string{text}};
  for (std::string raw; std::getline(lines, raw);) {
    const std::string_view line = without_indentation(raw);
    if (constexpr std::string_view count = "# ~ "; line.starts_with(count)) {
      counts.emplace_back(line.substr(count.size()));
      continue;
    }
    if (line.starts_with("# ")) {
      values.emplace_back(line.substr(2));
      continue;
    }
    const std::string_view name = after_number(line);
    if (name.empty()) {
      continue;
    }
    const std::size_t directive = name.find(" # ");
    const bool skipped = directive != std::string_view::npos && name.substr(directive).starts_with(" # SKIP");
    // A group's own line comes after its cases and has seen nothing itself.
    const bool is_case = raw.starts_with(' ') || !values.empty() || skipped;
    if (is_case) {
      results.push_back({std::string{name.substr(0, directive)}, line.starts_with("ok"), skipped, std::move(values),
                         std::move(counts)});
    }
    values.clear();
    counts.clear();
  }
  return results;
}

std::vector<std::string> differences(const std::vector<Case_result>& one, std::string_view name_of_one,
                                     const std::vector<Case_result>& other, std::string_view name_of_other) {
  std::vector<std::string> found;
  std::multimap<std::string, const Case_result*> unmatched;
  for (const Case_result& result : other) {
    unmatched.emplace(result.name, &result);
  }
  for (const Case_result& result : one) {
    const auto match = unmatched.lower_bound(result.name);
    if (match == unmatched.end() || match->first != result.name) {
      found.push_back(fmt::format("{}: {} has no such case", result.name, name_of_other));
      continue;
    }
    compare(result, name_of_one, *match->second, name_of_other, found);
    unmatched.erase(match);
  }
  for (const auto& [name, result] : unmatched) {
    found.push_back(fmt::format("{}: {} has no such case", name, name_of_one));
  }
  return found;
}

}  // namespace enlighten::runner
