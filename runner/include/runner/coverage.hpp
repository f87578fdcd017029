// SPDX-License-Identifier: MIT
// Which lines and branches of the sources tests have run: what gcov counted, put together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

struct Share {
  unsigned covered = 0;
  unsigned total = 0;

  // Of nothing, everything is covered.
  [[nodiscard]] bool at_least(unsigned percent) const noexcept { return covered * 100U >= percent * total; }
  // "89.9 %", never rounded up; "-" of nothing.
  [[nodiscard]] std::string percent() const;
  Share& operator+=(const Share& other) noexcept;
  friend bool operator==(const Share&, const Share&) = default;
};

// One source below the tree.
struct Covered_source {
  std::string path;  // "guest/bringup.cpp"
  Share lines;
  Share branches;
  std::vector<unsigned> uncovered;  // line numbers, ascending
};

class Coverage {
 public:
  explicit Coverage(std::filesystem::path tree) : tree_{std::move(tree)} {}

  // What `gcov --json-format --stdout --branch-probabilities` prints: an object for each object file. A line that
  // is part of several (a header's), or of several instantiations of a template, is covered if one of them was run;
  // so is each of its branches, which are told apart by their order. Branches taken by exceptions alone do not
  // count. Throws a Failure at what gcov does not print.
  void add(std::string_view gcov);

  // The sources below a folder of the tree, lowest share of lines first. Code of tests is left out.
  [[nodiscard]] std::vector<Covered_source> sources(std::string_view folder) const;

 private:
  struct Line {
    std::uint64_t times = 0;
    std::vector<std::uint64_t> branches;
  };

  std::filesystem::path tree_;
  std::map<std::string, std::map<unsigned, Line>> lines_;
};

// Whether a path is that of a test or of what only tests use.
[[nodiscard]] bool is_test_code(std::string_view path) noexcept;

}  // namespace enlighten::runner
