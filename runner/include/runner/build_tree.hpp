// SPDX-License-Identifier: MIT
// The build folders of the source tree: configured when they must be, built, and only one process in each at a
// time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

class Build_tree {
 public:
  // The folder of one of the tree's presets.
  explicit Build_tree(std::string preset);

  // Configures the folder with these NAME=VALUE definitions, unless it already is.
  void configure(const std::vector<std::string>& definitions);

  // Builds targets, all if none is named. What the tools said is shown when it fails.
  void build(const std::vector<std::string>& targets = {});

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  [[nodiscard]] bool configured_with(const std::vector<std::string>& definitions) const;

  std::string preset_;
  std::filesystem::path folder_;
};

enum class Test_images : std::uint8_t { without, with };

// The tree of arm64 images under a preset, configured; fetches the libraries that are linked into guests.
[[nodiscard]] Build_tree guest_build_tree(const std::string& preset, Test_images tests);

}  // namespace enlighten::runner
