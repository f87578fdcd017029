// SPDX-License-Identifier: MIT
// Text of a bounded length, formatted in place: for messages where no memory may be allocated.
#pragma once

#include <array>
#include <cstdarg>
#include <cstddef>
#include <cstdio>
#include <string_view>

namespace enlighten {
inline namespace base {

// Holds up to `Capacity` characters; what does not fit is cut, and the last three characters become "...".
template <std::size_t Capacity>
class Text {
  static_assert(Capacity >= 4, "Text needs room for the mark of a cut");

 public:
  constexpr Text() noexcept = default;
  constexpr explicit Text(std::string_view text) noexcept : length_{text.copy(characters_.data(), Capacity)} {
    if (length_ < text.size()) {
      mark_cut();
    }
  }

  [[gnu::format(printf, 2, 3)]] Text& append(const char* format, ...) noexcept {
    std::va_list arguments;
    va_start(arguments, format);
    append_list(format, arguments);
    va_end(arguments);
    return *this;
  }

  [[gnu::format(printf, 2, 0)]] Text& append_list(const char* format, std::va_list arguments) noexcept {
    const int wanted = std::vsnprintf(characters_.data() + length_, Capacity + 1 - length_, format, arguments);
    if (wanted < 0) {
      return *this;
    }
    length_ += static_cast<std::size_t>(wanted);
    if (length_ > Capacity) {
      length_ = Capacity;
      mark_cut();
    }
    return *this;
  }

  constexpr void clear() noexcept {
    length_ = 0;
    characters_[0] = '\0';
  }

  [[nodiscard]] constexpr std::string_view view() const noexcept { return {characters_.data(), length_}; }
  [[nodiscard]] constexpr const char* c_str() const noexcept { return characters_.data(); }
  [[nodiscard]] constexpr bool empty() const noexcept { return length_ == 0; }

 private:
  constexpr void mark_cut() noexcept {
    characters_[Capacity - 3] = characters_[Capacity - 2] = characters_[Capacity - 1] = '.';
  }

  std::array<char, Capacity + 1> characters_{};
  std::size_t length_ = 0;
};

// One sentence for a person: as long as an error's text may be.
using Message = Text<158>;

}  // namespace base
}  // namespace enlighten
