// SPDX-License-Identifier: MIT
// A fuzzer's bytes, taken apart from the front; and what must hold, whatever they are.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

namespace enlighten::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) noexcept : left_{data, size} {}

  [[nodiscard]] bool empty() const noexcept { return left_.empty(); }
  [[nodiscard]] std::span<const std::uint8_t> rest() const noexcept { return left_; }

  // Little-endian; behind the end everything is zero, so that a short input is one too.
  template <std::unsigned_integral T>
  [[nodiscard]] T take() noexcept {
    std::uint64_t value = 0;
    const std::size_t count = std::min(sizeof(T), left_.size());
    for (std::size_t index = 0; index < count; ++index) {
      value |= std::uint64_t{left_[index]} << (8 * index);
    }
    left_ = left_.subspan(count);
    return static_cast<T>(value);
  }

 private:
  std::span<const std::uint8_t> left_;
};

// Ends the process, so that the fuzzer keeps the input.
inline void require(bool holds) noexcept {
  if (!holds) {
    std::abort();
  }
}

// Follows a walk to its end or its first error, in no more steps than what it walks has bytes.
template <typename Walk>
void walk_to_the_end(Walk walk, std::size_t bytes) {
  for (std::size_t steps = 0; steps <= bytes; ++steps) {
    const auto step = walk.next();
    if (!step || !*step) {
      return;
    }
  }
  require(false);
}

}  // namespace enlighten::fuzz
