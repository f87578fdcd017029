// SPDX-License-Identifier: MIT
// The arm64 packages this project needs, unpacked in the cache.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace enlighten::runner {

struct Unpacked_package {
  std::string name;
  std::string version;  // Debian's
  std::filesystem::path folder;
};

// Each package below it in a folder of its own.
[[nodiscard]] std::filesystem::path arm64_packages_folder();

// What is in the cache already. Asks nobody.
[[nodiscard]] std::optional<Unpacked_package> cached_package(const std::string& name);
[[nodiscard]] std::vector<Unpacked_package> cached_packages();

// The package from the cache, or else from Debian's package sources.
[[nodiscard]] Unpacked_package fetch_package(const std::string& name);

// The names that match a regular expression in the package sources. `fresh` reads the lists first; that they then
// hold no such name is a Failure, which calls it `wanted`.
enum class Lists : std::uint8_t { as_they_are, fresh };
[[nodiscard]] std::vector<std::string> available_packages(const std::string& pattern, const std::string& wanted,
                                                          Lists lists);

// What these packages depend on themselves, by name, from the lists as they are.
[[nodiscard]] std::vector<std::string> package_dependencies(const std::vector<std::string>& names);

// Where the libraries that are linked into guests are unpacked: the root folder that CMake looks for them in.
[[nodiscard]] std::filesystem::path guest_library_root();

}  // namespace enlighten::runner
