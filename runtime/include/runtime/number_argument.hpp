// SPDX-License-Identifier: MIT
// A number among the boot arguments.
#pragma once

#include <charconv>
#include <concepts>
#include <string_view>

#include <runtime/guest.hpp>

namespace enlighten::runtime {

// Of the word `key=number`; `otherwise` without one, or where it is none.
template <std::unsigned_integral Number>
[[nodiscard]] Number number_argument(const Guest& guest, std::string_view key, Number otherwise) noexcept {
  Number value = otherwise;
  if (const auto text = guest.argument(key)) {
    std::from_chars(text->data(), text->data() + text->size(), value);
  }
  return value;
}

}  // namespace enlighten::runtime
