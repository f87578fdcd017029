// SPDX-License-Identifier: MIT
// Constant texts, found by number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace enlighten {
inline namespace base {

// One entry: `text` is what `number`, at most 255, means. `Length` counts the 0 at its end.
template <std::size_t Length>
struct Text_of {
  template <typename Number>
  consteval Text_of(Number meant, const char (&words)[Length]) noexcept
      : number{static_cast<std::uint8_t>(meant)}, text{words} {}

  std::uint8_t number;
  const char (&text)[Length];
};

// All in one piece, each number before its text: of pointers to texts, a position-independent image would have to
// relocate every one at boot, by an entry three times as large as the pointer itself.
template <std::size_t Size>
class Text_table {
 public:
  template <std::size_t... Lengths>
  consteval explicit Text_table(const Text_of<Lengths>&... entries) noexcept {
    std::size_t end = 0;
    const auto append = [&](std::uint8_t number, std::string_view text) {
      bytes_[end++] = static_cast<char>(number);
      end += text.copy(bytes_.data() + end, text.size()) + 1;
    };
    (append(entries.number, entries.text), ...);
  }

  // The first text of this number; `otherwise` if there is none.
  template <typename Number>
  [[nodiscard]] constexpr const char* find(Number number, const char* otherwise) const noexcept {
    for (const char* at = bytes_.data(); at != bytes_.data() + Size;) {
      const std::string_view text{at + 1};
      if (static_cast<std::uint8_t>(*at) == static_cast<std::uint64_t>(number)) {
        return text.data();
      }
      at = text.data() + text.size() + 1;
    }
    return otherwise;
  }

  // The number of the first text that `wanted` holds for.
  template <typename Predicate>
  [[nodiscard]] constexpr std::optional<std::uint8_t> number_of(Predicate wanted) const noexcept {
    for (const char* at = bytes_.data(); at != bytes_.data() + Size;) {
      const std::string_view text{at + 1};
      if (wanted(text)) {
        return static_cast<std::uint8_t>(*at);
      }
      at = text.data() + text.size() + 1;
    }
    return std::nullopt;
  }

 private:
  std::array<char, Size> bytes_{};
};

template <std::size_t... Lengths>
Text_table(const Text_of<Lengths>&...) -> Text_table<(Lengths + ...) + sizeof...(Lengths)>;

}  // namespace base
}  // namespace enlighten
