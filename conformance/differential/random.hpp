// SPDX-License-Identifier: MIT
// Numbers that follow from a seed in the same way on every machine.
#pragma once

#include <cstdint>

namespace enlighten::conformance::differential {

// SplitMix64: any seed will do, and seeds that differ in one bit have nothing in common.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_{seed} {}

  // Of `count`, 0 to one less.
  [[nodiscard]] std::uint32_t below(std::uint32_t count) noexcept {
    return static_cast<std::uint32_t>((next() >> 32U) * count >> 32U);
  }
  [[nodiscard]] bool one_in(std::uint32_t count) noexcept { return below(count) == 0; }

 private:
  [[nodiscard]] std::uint64_t next() noexcept {
    state_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30U) * 0xbf58'476d'1ce4'e5b9;
    mixed = (mixed ^ mixed >> 27U) * 0x94d0'49bb'1331'11eb;
    return mixed ^ mixed >> 31U;
  }

  std::uint64_t state_;
};

}  // namespace enlighten::conformance::differential
