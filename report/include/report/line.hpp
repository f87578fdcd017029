// SPDX-License-Identifier: MIT
// One line of a report under construction, and where finished lines go.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace enlighten::report {

// Xen passes a guest's console on in pieces of less than 200 characters, its own prefix before each: a line that
// stays below this arrives whole.
inline constexpr std::size_t longest_line = 180;

// Takes whole lines, without the line end. Who owns the sink keeps the lines of several vCPUs apart. Implemented by
// final classes: there is no virtual destructor, so that images need no operator delete for it.
class Line_sink {
 public:
  virtual void line(std::string_view text) noexcept = 0;

 protected:
  Line_sink() = default;
  Line_sink(const Line_sink&) = default;
  Line_sink& operator=(const Line_sink&) = default;
  ~Line_sink() = default;
};

// Up to longest_line characters. What does not fit is left out, and cut() says so.
class Line {
 public:
  Line& text(std::string_view more) noexcept;
  Line& character(char one) noexcept { return text({&one, 1}); }
  Line& hexadecimal(std::uint64_t value) noexcept;

  template <std::integral Integer>
  Line& integer(Integer value) noexcept {
    if constexpr (std::is_signed_v<Integer>) {
      return signed_integer(value);
    } else {
      return digits(value, 10);
    }
  }

  // Back to an earlier length, as if the rest had never been appended.
  void truncate(std::size_t length) noexcept;

  [[nodiscard]] std::size_t length() const noexcept { return length_; }
  [[nodiscard]] std::size_t room() const noexcept { return longest_line - length_; }
  [[nodiscard]] bool cut() const noexcept { return cut_; }
  [[nodiscard]] std::string_view view() const noexcept { return {characters_.data(), length_}; }

 private:
  Line& signed_integer(std::int64_t value) noexcept;
  Line& digits(std::uint64_t value, unsigned base) noexcept;

  std::array<char, longest_line> characters_{};
  std::size_t length_ = 0;
  bool cut_ = false;
};

}  // namespace enlighten::report
