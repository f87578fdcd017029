// SPDX-License-Identifier: MIT
// A file of the user's that dom0 has in this run, such as a program that its script starts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace enlighten::runner {

// Below this they lie in dom0, where the script and the shell start, and which they look for programs in first.
inline constexpr const char* dom0_files_folder = "root";

struct Dom0_file {
  std::filesystem::path file;  // here
  std::string name;            // there
  bool executable = false;     // as it is here
  std::uint64_t bytes = 0;
};

// What --dom0-file was given, in its order. Throws Failure for what is no file, and for two of one name.
[[nodiscard]] std::vector<Dom0_file> plan_dom0_files(const std::vector<std::filesystem::path>& paths);

}  // namespace enlighten::runner
