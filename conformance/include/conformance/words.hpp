// SPDX-License-Identifier: MIT
// Words that Xen writes too, one access at a time.
#pragma once

#include <atomic>
#include <concepts>
#include <type_traits>

namespace enlighten::conformance {

// In the order the case is written in: no case is about ordering.
template <std::unsigned_integral Word>
[[nodiscard]] Word get(Word& word) noexcept {
  return std::atomic_ref{word}.load(std::memory_order_seq_cst);
}

template <std::unsigned_integral Word>
void put(Word& word, std::type_identity_t<Word> value) noexcept {
  std::atomic_ref{word}.store(value, std::memory_order_seq_cst);
}

}  // namespace enlighten::conformance
