// SPDX-License-Identifier: MIT
// One line of a report under construction.
#include <report/line.hpp>

#include <algorithm>

namespace enlighten::report {

Line& Line::text(std::string_view more) noexcept {
  const std::size_t taken = std::min(more.size(), room());
  std::copy_n(more.begin(), taken, characters_.begin() + length_);
  length_ += taken;
  cut_ = cut_ || taken < more.size();
  return *this;
}

Line& Line::hexadecimal(std::uint64_t value) noexcept {
  return text("0x").digits(value, 16);
}

void Line::truncate(std::size_t length) noexcept {
  length_ = std::min(length_, length);
  cut_ = false;
}

Line& Line::signed_integer(std::int64_t value) noexcept {
  if (value >= 0) {
    return digits(static_cast<std::uint64_t>(value), 10);
  }
  // Negated as unsigned: the smallest integer has no positive twin.
  return character('-').digits(std::uint64_t{0} - static_cast<std::uint64_t>(value), 10);
}

Line& Line::digits(std::uint64_t value, unsigned base) noexcept {
  std::array<char, 20> reversed{};
  std::size_t count = 0;
  do {
    reversed[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  std::reverse(reversed.begin(), reversed.begin() + count);
  return text({reversed.data(), count});
}

}  // namespace enlighten::report
