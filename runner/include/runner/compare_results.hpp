// SPDX-License-Identifier: MIT
// Two runs of the same cases, compared value by value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

// What a case saw, as its KTAP tells it: the diagnostics before its result, and the result.
struct Case_result {
  std::string name;
  bool passed = false;
  bool skipped = false;
  std::vector<std::string> values;  // "what: value"
  std::vector<std::string> counts;  // of what comes as it may, "what: 3 of 1000": not to be compared
};

// Of lines of KTAP, groups and other lines left out. A case that appears twice is listed twice.
[[nodiscard]] std::vector<Case_result> read_case_results(std::string_view text);

// One sentence for each difference: a value, a case that one of them does not have, one that the first has skipped.
// What the other one skips is not compared.
[[nodiscard]] std::vector<std::string> differences(const std::vector<Case_result>& one,
                                                   std::string_view name_of_one,
                                                   const std::vector<Case_result>& other,
                                                   std::string_view name_of_other);

}  // namespace enlighten::runner
