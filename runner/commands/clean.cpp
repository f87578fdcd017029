// SPDX-License-Identifier: MIT
// `enlighten clean`: frees what the cache holds.
#include <fmt/format.h>

#include <runner/cache.hpp>
#include <runner/commands.hpp>

namespace enlighten::runner {

int clean_command() {
  std::uintmax_t bytes = 0;
  for (const Cached_part& part : free_cache()) {
    fmt::print("removed {:6.1f} MiB  {} in {}\n", static_cast<double>(part.bytes) / (1U << 20U), part.what,
               part.folder.string());
    bytes += part.bytes;
  }
  fmt::print("{:.1f} MiB are free again; the next run fetches what it needs\n",
             static_cast<double>(bytes) / (1U << 20U));
  return 0;
}

}  // namespace enlighten::runner
