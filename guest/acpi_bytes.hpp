// SPDX-License-Identifier: MIT
// Reads ACPI's little-endian numbers, which stand at any address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace enlighten::guest {

// The `size` bytes at `offset`, which the caller has made sure are there.
[[nodiscard]] inline std::uint64_t little_endian(std::span<const std::byte> bytes, std::size_t offset,
                                                 std::size_t size) noexcept {
  std::uint64_t value = 0;
  for (std::size_t index = size; index-- != 0;) {
    value = value << 8U | std::to_integer<std::uint64_t>(bytes[offset + index]);
  }
  return value;
}

[[nodiscard]] inline std::uint8_t read_u8(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  return std::to_integer<std::uint8_t>(bytes[offset]);
}
[[nodiscard]] inline std::uint32_t read_u32(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  return static_cast<std::uint32_t>(little_endian(bytes, offset, 4));
}
[[nodiscard]] inline std::uint64_t read_u64(std::span<const std::byte> bytes, std::size_t offset) noexcept {
  return little_endian(bytes, offset, 8);
}

}  // namespace enlighten::guest
