// SPDX-License-Identifier: MIT
// What the cache holds, how large it is, and freeing it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <runner/file_lock.hpp>

namespace enlighten::runner {

// A part of the cache that is there.
struct Cached_part {
  std::string what;  // "unpacked Debian packages"
  std::filesystem::path folder;
  std::uintmax_t bytes;  // of all files
};

[[nodiscard]] std::vector<Cached_part> cached_parts();

// Held by whoever fetches packages into the cache, or frees it.
[[nodiscard]] File_lock lock_cache();

// Removes every part, and returns what there was. No run may begin meanwhile, and none is kept from what it uses.
std::vector<Cached_part> free_cache();

}  // namespace enlighten::runner
