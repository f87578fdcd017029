// SPDX-License-Identifier: MIT
// To multiples of a power of two.
#pragma once

#include <cstdint>

namespace enlighten {

[[nodiscard]] constexpr std::uint64_t round_down(std::uint64_t value, std::uint64_t unit) noexcept {
  return value & ~(unit - 1);
}
// Of a value within `unit` of the largest, 0.
[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) noexcept {
  return round_down(value + unit - 1, unit);
}

}  // namespace enlighten
