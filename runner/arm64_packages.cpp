// SPDX-License-Identifier: MIT
// The arm64 packages this project needs, unpacked in the cache.
#include <runner/arm64_packages.hpp>

#include <algorithm>
#include <fstream>

#include <runner/apt_root.hpp>
#include <runner/cache.hpp>
#include <runner/failure.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

constexpr const char* architecture = "arm64";
constexpr const char* guest_library_package = "libfdt-dev";

Apt_root apt_root() {
  return {architecture, cache_folder() / "apt" / architecture};
}

// Beside the unpacked files, outside the folder that is theirs.
std::filesystem::path version_file(const std::string& name) {
  return arm64_packages_folder() / (name + ".version");
}

Failure not_offered(const std::string& what, const Apt_root& root) {
  return Failure{
      "this machine's package sources offer no {} for {}: are Debian's own sources among them, without a "
      "restriction to another architecture, and is there a network?{}{}",
      what, architecture, root.complaint().empty() ? "" : " apt's last words: ", root.complaint()};
}

// Lists that were read some time ago may name a version that has been replaced since.
std::string fetch(const std::string& name, const std::filesystem::path& folder) {
  Apt_root root = apt_root();
  const std::string exact = fmt::format("^{}$", name);
  if (!root.names(exact).empty()) {
    try {
      return root.unpack(name, folder);
    } catch (const Failure&) {
      root.update();
      return root.unpack(name, folder);
    }
  }
  root.update();
  if (root.names(exact).empty()) {
    throw not_offered(name, root);
  }
  return root.unpack(name, folder);
}

}  // namespace

std::filesystem::path arm64_packages_folder() {
  return cache_folder() / "packages" / architecture;
}

std::optional<Unpacked_package> cached_package(const std::string& name) {
  std::ifstream file{version_file(name)};
  std::string version;
  const auto folder = arm64_packages_folder() / name;
  if (!std::getline(file, version) || !std::filesystem::is_directory(folder)) {
    return std::nullopt;
  }
  return Unpacked_package{.name = name, .version = version, .folder = folder};
}

std::vector<Unpacked_package> cached_packages() {
  std::vector<Unpacked_package> packages;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator{arm64_packages_folder(), ignored}) {
    if (auto package = cached_package(entry.path().filename().string())) {
      packages.push_back(*std::move(package));
    }
  }
  std::ranges::sort(packages, {}, &Unpacked_package::name);
  return packages;
}

Unpacked_package fetch_package(const std::string& name) {
  if (auto package = cached_package(name)) {
    return *std::move(package);
  }
  const File_lock held = lock_cache();
  if (auto package = cached_package(name)) {
    return *std::move(package);  // another run was faster
  }
  const auto folder = arm64_packages_folder() / name;
  const std::string version = fetch(name, folder);
  std::ofstream file{version_file(name)};
  file << version << '\n';
  if (!file.flush()) {
    throw Failure{"{} cannot be written; is there room on that disk?", version_file(name).string()};
  }
  return {.name = name, .version = version, .folder = folder};
}

std::vector<std::string> available_packages(const std::string& pattern, const std::string& wanted, Lists lists) {
  Apt_root root = apt_root();
  if (lists == Lists::as_they_are) {
    return root.names(pattern);
  }
  const File_lock held = lock_cache();
  root.update();
  auto names = root.names(pattern);
  if (names.empty()) {
    throw not_offered(wanted, root);
  }
  return names;
}

std::vector<std::string> package_dependencies(const std::vector<std::string>& names) {
  return apt_root().dependencies(names);
}

std::filesystem::path guest_library_root() {
  return fetch_package(guest_library_package).folder;
}

}  // namespace enlighten::runner
