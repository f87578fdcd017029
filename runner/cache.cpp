// SPDX-License-Identifier: MIT
// What the cache holds, how large it is, and freeing it.
#include <runner/cache.hpp>

#include <array>
#include <utility>

#include <runner/failure.hpp>
#include <runner/file_lock.hpp>
#include <runner/places.hpp>

namespace enlighten::runner {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 4> parts{{{"packages", "Debian packages, unpacked"},
                                                                    {"dom0", "dom0's file systems"},
                                                                    {"apt", "Debian's package lists"},
                                                                    {"runs", "logs of runs"}}};
// It outlives the lists beside it.
constexpr const char* lock_name = "lock";

std::uintmax_t size_of(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder, ignored}) {
    if (entry.is_regular_file(ignored) && !entry.is_symlink(ignored)) {
      bytes += entry.file_size(ignored);
    }
  }
  return bytes;
}

}  // namespace

std::vector<Cached_part> cached_parts() {
  std::vector<Cached_part> found;
  for (const auto& [name, what] : parts) {
    const auto folder = cache_folder() / name;
    if (const std::uintmax_t bytes = size_of(folder); bytes != 0) {
      found.push_back({.what = what, .folder = folder, .bytes = bytes});
    }
  }
  return found;
}

File_lock lock_cache() {
  make_folder(cache_folder() / "apt");
  return File_lock{cache_folder() / "apt" / lock_name};
}

std::vector<Cached_part> free_cache() {
  const File_lock held = lock_cache();
  auto found = cached_parts();
  for (const Cached_part& part : found) {
    for (const auto& entry : std::filesystem::directory_iterator{part.folder}) {
      std::error_code error;
      if (entry.path().filename() != lock_name) {
        std::filesystem::remove_all(entry.path(), error);
      }
      if (error) {
        throw Failure{"{} cannot be removed: {}", entry.path().string(), error.message()};
      }
    }
  }
  return found;
}

}  // namespace enlighten::runner
