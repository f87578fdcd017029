// SPDX-License-Identifier: MIT
// Reads the build's list of test programs.
#include <runner/test_programs.hpp>

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include <runner/failure.hpp>

namespace enlighten::runner {

bool Test_program::tests(std::string_view folder) const {
  const std::string part = fmt::format("{}_", folder);
  return std::ranges::any_of(folders,
                             [&](const std::string& one) { return one == folder || one.starts_with(part); });
}

std::vector<Test_program> read_test_programs(std::string_view text) {
  std::vector<Test_program> programs;
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields{line};
    Test_program program;
    std::string folders;
    if (!std::getline(fields, program.target, '\t') || !std::getline(fields, program.path, '\t') ||
        !std::getline(fields, folders)) {
      throw Failure{"the build's list of test programs has a line that names no program: \"{}\"", line};
    }
    std::istringstream names{folders};
    for (std::string name; std::getline(names, name, ',');) {
      program.folders.push_back(name);
    }
    programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace enlighten::runner
