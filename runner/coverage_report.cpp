// SPDX-License-Identifier: MIT
// Writes the coverage of a folder for people and for programs.
#include <runner/coverage_report.hpp>

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace enlighten::runner {
namespace {

std::string row(const Share& lines, const Share& branches, std::string_view name) {
  return fmt::format("{:>7} {:>11}  {:>7} {:>11}  {}\n", lines.percent(),
                     fmt::format("{}/{}", lines.covered, lines.total), branches.percent(),
                     fmt::format("{}/{}", branches.covered, branches.total), name);
}

nlohmann::json as_json(const Share& share) {
  return {{"covered", share.covered}, {"total", share.total}};
}

}  // namespace

Share Folder_coverage::lines() const noexcept {
  Share sum;
  for (const Covered_source& source : sources) {
    sum += source.lines;
  }
  return sum;
}

Share Folder_coverage::branches() const noexcept {
  Share sum;
  for (const Covered_source& source : sources) {
    sum += source.branches;
  }
  return sum;
}

std::vector<std::string> sources_not_built(const std::filesystem::path& tree, std::string_view folder,
                                           const std::vector<Covered_source>& built) {
  std::vector<std::string> missing;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{tree / folder}) {
    const std::string path = entry.path().lexically_relative(tree).string();
    const bool known =
        std::ranges::any_of(built, [&](const Covered_source& source) { return source.path == path; });
    if (entry.is_regular_file() && entry.path().extension() == ".cpp" && !is_test_code(path) && !known) {
      missing.push_back(path);
    }
  }
  std::ranges::sort(missing);
  return missing;
}

std::string coverage_table(const Folder_coverage& coverage) {
  std::string table = fmt::format("{:>19}  {:>19}\n", "lines", "branches");
  for (const Covered_source& source : coverage.sources) {
    table += row(source.lines, source.branches, source.path);
  }
  return table + row(coverage.lines(), coverage.branches(), coverage.folder + "/ as a whole");
}

std::string coverage_json(const std::vector<Folder_coverage>& folders) {
  nlohmann::json all = nlohmann::json::array();
  for (const Folder_coverage& folder : folders) {
    nlohmann::json sources = nlohmann::json::array();
    for (const Covered_source& source : folder.sources) {
      sources.push_back({{"path", source.path},
                         {"lines", as_json(source.lines)},
                         {"branches", as_json(source.branches)},
                         {"uncovered", source.uncovered}});
    }
    all.push_back({{"folder", folder.folder},
                   {"lines", as_json(folder.lines())},
                   {"branches", as_json(folder.branches())},
                   {"sources", std::move(sources)},
                   {"not_built", folder.not_built}});
  }
  return nlohmann::json{{"folders", std::move(all)}}.dump(2) + "\n";
}

std::string uncovered_lines(const std::filesystem::path& tree, const Folder_coverage& coverage) {
  std::string list;
  for (const Covered_source& source : coverage.sources) {
    std::ifstream file{tree / source.path};
    std::string line;
    unsigned number = 0;
    for (const unsigned wanted : source.uncovered) {
      while (number < wanted && std::getline(file, line)) {
        ++number;
      }
      list += fmt::format("{}:{}: {}\n", source.path, wanted,
                          std::string_view{line}.substr(std::min(line.find_first_not_of(' '), line.size())));
    }
  }
  return list;
}

Coverage_judgement judge_coverage(const Folder_coverage& coverage, unsigned percent, unsigned percent_of_source) {
  const Share whole = coverage.lines();
  Coverage_judgement judgement{.enough = whole.total != 0 && whole.at_least(percent), .complaints = {}};
  for (const Covered_source& source : coverage.sources) {
    if (!source.lines.at_least(percent_of_source)) {
      judgement.complaints.push_back(fmt::format("{}: {} of its lines, less than {} %", source.path,
                                                 source.lines.percent(), percent_of_source));
    }
  }
  if (whole.total == 0) {
    judgement.complaints.push_back(fmt::format("{}: no line of it is in a program for the host", coverage.folder));
  } else if (!judgement.enough) {
    judgement.complaints.push_back(
        fmt::format("{}: {} of its lines, less than {} %", coverage.folder, whole.percent(), percent));
  }
  return judgement;
}

}  // namespace enlighten::runner
