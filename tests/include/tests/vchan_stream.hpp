// SPDX-License-Identifier: MIT
// Bytes that both ends can make, and what a long row of them comes to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace vchan {

// The words of a xorshift generator, in the order of this machine, which is little-endian as every Arm guest's is.
class Pattern {
 public:
  explicit Pattern(std::uint64_t seed) noexcept : state_{seed * 0x9e3779b97f4a7c15U | 1U} {}

  std::uint64_t next() noexcept {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }

  // In whole words; the rest of the last one is dropped.
  void fill(std::span<std::byte> bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
      const std::uint64_t word = next();
      std::memcpy(bytes.data() + at, &word, bytes.size() - at < sizeof word ? bytes.size() - at : sizeof word);
    }
  }

 private:
  std::uint64_t state_;
};

// In the manner of FNV-1a, eight bytes at a time.
class Hash {
 public:
  void add(std::span<const std::byte> bytes) noexcept {
    for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data() + at, bytes.size() - at < sizeof word ? bytes.size() - at : sizeof word);
      value_ = (value_ ^ word) * 0x100000001b3U;
      value_ ^= value_ >> 29U;
    }
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

// What the two ends send: the client's seed, and the server's.
inline constexpr std::uint64_t client_seed = 1;
inline constexpr std::uint64_t server_seed = 2;

// Of a stream, at a time.
inline constexpr std::size_t chunk = 4096;

// The length of a packet, from 1 to what the smallest ring holds.
inline std::size_t packet_length(Pattern& lengths) noexcept {
  return 1 + static_cast<std::size_t>(lengths.next() % 1024);
}

}  // namespace vchan
