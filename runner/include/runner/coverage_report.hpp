// SPDX-License-Identifier: MIT
// What is said of the coverage of a folder: a table, JSON, the lines that nothing ran, and whether it is enough.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <runner/coverage.hpp>

namespace enlighten::runner {

struct Folder_coverage {
  std::string folder;                   // "guest"
  std::vector<Covered_source> sources;  // lowest share of lines first
  std::vector<std::string> not_built;   // sources that the host's build has no use for

  [[nodiscard]] Share lines() const noexcept;
  [[nodiscard]] Share branches() const noexcept;
};

// Of the sources in a folder of the tree, tests left out, those that no object file was made of.
[[nodiscard]] std::vector<std::string> sources_not_built(const std::filesystem::path& tree, std::string_view folder,
                                                         const std::vector<Covered_source>& built);

// One line for each source, and one for the folder.
[[nodiscard]] std::string coverage_table(const Folder_coverage& coverage);

[[nodiscard]] std::string coverage_json(const std::vector<Folder_coverage>& folders);

// "guest/bringup.cpp:12: " and the line itself, for each line that was not run; one a line.
[[nodiscard]] std::string uncovered_lines(const std::filesystem::path& tree, const Folder_coverage& coverage);

struct Coverage_judgement {
  bool enough = false;
  std::vector<std::string> complaints;  // a sentence each
};

// Not enough is a folder with less than `percent` of its lines, or with no line at all. A source with less than
// `percent_of_source` is complained of.
[[nodiscard]] Coverage_judgement judge_coverage(const Folder_coverage& coverage, unsigned percent,
                                                unsigned percent_of_source);

}  // namespace enlighten::runner
