// SPDX-License-Identifier: MIT
// Reads gcov's JSON and adds up what is said of the same line.
#include <runner/coverage.hpp>

#include <algorithm>
#include <sstream>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

// A compiler's cache makes paths relative to the build folder; gcov cuts the tree off those that are not.
std::string below_tree(const std::filesystem::path& file, const std::filesystem::path& directory,
                       const std::filesystem::path& tree) {
  const std::string text = file.string();
  const std::filesystem::path whole = text.starts_with("..") ? directory / file : tree / file;
  return whole.lexically_normal().lexically_relative(tree.lexically_normal()).string();
}

// A call that may throw has two ways on, of which the first is no decision.
std::vector<std::uint64_t> decisions(const nlohmann::json& branches) {
  std::vector<std::uint64_t> counts;
  bool after_fallthrough = false;
  for (const nlohmann::json& branch : branches) {
    if (branch.at("throw").get<bool>()) {
      if (after_fallthrough) {
        counts.pop_back();
      }
      after_fallthrough = false;
      continue;
    }
    counts.push_back(branch.at("count").get<std::uint64_t>());
    after_fallthrough = branch.at("fallthrough").get<bool>();
  }
  return counts;
}

}  // namespace

std::string Share::percent() const {
  if (total == 0) {
    return "-";
  }
  const unsigned tenths = covered * 1000U / total;
  return fmt::format("{}.{} %", tenths / 10, tenths % 10);
}

Share& Share::operator+=(const Share& other) noexcept {
  covered += other.covered;
  total += other.total;
  return *this;
}

bool is_test_code(std::string_view path) noexcept {
  return path.ends_with("_test.cpp") || path.find("/test/") != std::string_view::npos ||
         path.find("/test_support/") != std::string_view::npos;
}

void Coverage::add(std::string_view gcov) {
  std::istringstream objects{std::string{gcov}};
  for (std::string text; std::getline(objects, text);) {
    if (text.empty()) {
      continue;
    }
    try {
      const auto object = nlohmann::json::parse(text);
      const std::string directory = object.at("current_working_directory").get<std::string>();
      for (const nlohmann::json& file : object.at("files")) {
        auto& lines = lines_[below_tree(file.at("file").get<std::string>(), directory, tree_)];
        for (const nlohmann::json& told : file.at("lines")) {
          Line& line = lines[told.at("line_number").get<unsigned>()];
          line.times += told.at("count").get<std::uint64_t>();
          const std::vector<std::uint64_t> branches = decisions(told.at("branches"));
          line.branches.resize(std::max(line.branches.size(), branches.size()));
          for (std::size_t index = 0; index < branches.size(); ++index) {
            line.branches[index] += branches[index];
          }
        }
      }
    } catch (const nlohmann::json::exception& error) {
      throw Failure{"gcov's output is not what GCC 12 prints: {}", error.what()};
    }
  }
}

std::vector<Covered_source> Coverage::sources(std::string_view folder) const {
  const std::string prefix = fmt::format("{}/", folder);
  std::vector<Covered_source> sources;
  for (const auto& [path, lines] : lines_) {
    if (!path.starts_with(prefix) || is_test_code(path) || lines.empty()) {
      continue;
    }
    Covered_source source;
    source.path = path;
    for (const auto& [number, line] : lines) {
      source.lines += {.covered = line.times != 0 ? 1U : 0U, .total = 1};
      if (line.times == 0) {
        source.uncovered.push_back(number);
      }
      for (const std::uint64_t taken : line.branches) {
        source.branches += {.covered = taken != 0 ? 1U : 0U, .total = 1};
      }
    }
    sources.push_back(std::move(source));
  }
  const auto by_share = [](const Covered_source& one, const Covered_source& other) {
    return std::make_tuple(one.lines.covered * other.lines.total, one.path) <
           std::make_tuple(other.lines.covered * one.lines.total, other.path);
  };
  std::ranges::sort(sources, by_share);
  return sources;
}

}  // namespace enlighten::runner
