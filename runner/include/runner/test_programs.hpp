// SPDX-License-Identifier: MIT
// The programs that test a folder, as the build lists them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

struct Test_program {
  std::string target;
  std::string path;
  std::vector<std::string> folders;  // what it was written to test, as folders are named in CMake

  // Of the folder itself, or of a part of it: model_machine is part of model.
  [[nodiscard]] bool tests(std::string_view folder) const;
};

// A line for each: target, path, and folders with commas between, separated by tabs.
[[nodiscard]] std::vector<Test_program> read_test_programs(std::string_view text);

}  // namespace enlighten::runner
