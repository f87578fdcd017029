// SPDX-License-Identifier: MIT
// Reads the wall clock that Xen guards with a sequence count.
#include <runtime/wall_clock.hpp>

#include <atomic>

namespace enlighten::runtime {

std::optional<std::chrono::nanoseconds> read_wall_clock(abi::Shared_info& shared, std::uint64_t count,
                                                        std::uint64_t frequency) noexcept {
  constexpr int attempts = 1000;
  constexpr std::uint64_t second = 1'000'000'000;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    // Acquire, each: Xen makes the version odd, writes, makes it even, with a barrier between. Read in this order,
    // an unchanged even version means that none of the words in between was half old. Weaker, and a word could be
    // read before the first look at the version or after the second.
    const std::uint32_t before = std::atomic_ref{shared.wc_version}.load(std::memory_order_acquire);
    const std::uint64_t seconds = std::atomic_ref{shared.wc_sec}.load(std::memory_order_acquire) |
                                  std::uint64_t{std::atomic_ref{shared.wc_sec_hi}.load(std::memory_order_acquire)}
                                      << 32;
    const std::uint32_t nanoseconds = std::atomic_ref{shared.wc_nsec}.load(std::memory_order_acquire);
    const std::uint32_t after = std::atomic_ref{shared.wc_version}.load(std::memory_order_relaxed);
    if (before != after || (before & 1) != 0) {
      continue;
    }
    if (seconds == 0 && nanoseconds == 0) {
      return std::nullopt;
    }
    const std::uint64_t since = count / frequency * second + count % frequency * second / frequency;
    return std::chrono::nanoseconds{static_cast<std::int64_t>(seconds * second + nanoseconds + since)};
  }
  return std::nullopt;
}

}  // namespace enlighten::runtime
