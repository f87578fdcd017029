// SPDX-License-Identifier: MIT
// How two domains of this test meet, be the other one an image like this or a program of Linux's: with nothing but
// the standard library.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace grants {

// A table hands its references out from the first free one on, and so this is a granter's first: of one page, on
// which the two find the rest.
inline constexpr std::uint32_t first_ref = 8;
inline constexpr std::uint32_t row_pages = 18;

// On that page: the stage, a pattern of 64 bytes, and the granter's other references, the read-only one first and
// behind it those of a row.
inline constexpr std::size_t stage_at = 0;
inline constexpr std::size_t pattern_at = 64;
inline constexpr std::size_t told_at = 2048;

enum Stage : std::uint32_t { nothing, granted, mapped, ended };

[[nodiscard]] inline std::atomic_ref<std::uint32_t> stage_of(std::byte* page) {
  return std::atomic_ref{*reinterpret_cast<std::uint32_t*>(page + stage_at)};
}

// Of pages that Linux grants, the references stand in this node of the guest's directory, in decimal and with
// blanks between: those of the pages for writing, then that of the one for reading.
inline constexpr const char* linux_node = "data/linux-grants";
inline constexpr std::uint32_t linux_pages = 3;

// Fills a page, or a part of one, by a number; and whether it is filled so.
inline void fill(std::span<std::byte> bytes, unsigned number) noexcept {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    bytes[at] = static_cast<std::byte>(number + at * 7);
  }
}
[[nodiscard]] inline bool is_filled(std::span<const std::byte> bytes, unsigned number) noexcept {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] != static_cast<std::byte>(number + at * 7)) {
      return false;
    }
  }
  return !bytes.empty();
}

}  // namespace grants
