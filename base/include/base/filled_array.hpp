// SPDX-License-Identifier: MIT
// An array of a type that has no value of its own to begin with.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

namespace enlighten {

// `Size` copies of `value`.
template <std::size_t Size, typename T>
[[nodiscard]] constexpr std::array<T, Size> filled_array(const T& value) noexcept {
  return [&]<std::size_t... Index>(std::index_sequence<Index...> /*of each*/) {
    return std::array<T, Size>{(static_cast<void>(Index), value)...};
  }(std::make_index_sequence<Size>{});
}

}  // namespace enlighten
