// SPDX-License-Identifier: MIT
// The Debian packages this machine should have, from the one list that ./enlighten installs from, too.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace enlighten::runner {

struct Host_package {
  std::string group;  // what needs it: "run", "test", "docs" or "debug"
  std::string name;
  std::string purpose;  // completes "this package ..."
};

[[nodiscard]] std::vector<Host_package> read_package_list(const std::filesystem::path& file);

// Those of `packages` that are installed.
[[nodiscard]] std::set<std::string> installed_packages(const std::vector<Host_package>& packages);

}  // namespace enlighten::runner
