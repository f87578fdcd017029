// SPDX-License-Identifier: MIT
// Which Xen is booted: a file of the user's, or Debian's own package from the cache or the package sources.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <runner/arm64_packages.hpp>

namespace enlighten::runner {

struct Xen {
  std::filesystem::path path;
  std::string release;  // "4.17"; empty when nothing tells
  std::string package;  // Debian's, with its version; empty for a file of the user's
  std::string version;  // Debian's

  // As a person would say it.
  [[nodiscard]] std::string name() const;
};

// `wanted` is a path, or a release such as "4.17"; nothing means the highest release in the cache, and for an empty
// cache the highest in the package sources.
[[nodiscard]] Xen find_xen(const std::optional<std::string>& wanted);

// The releases in the cache and in the package sources, the highest first.
[[nodiscard]] std::vector<std::string> cached_xen_releases();
[[nodiscard]] std::vector<std::string> available_xen_releases(Lists lists);

// Two numbers with a dot between, like "4.17".
[[nodiscard]] bool is_release(const std::string& text);

// Whether release `left` comes after `right`: 4.20 after 4.9.
[[nodiscard]] bool later_release(const std::string& left, const std::string& right);

}  // namespace enlighten::runner
