// SPDX-License-Identifier: MIT
// Reads a list of programs and steps, and makes them anew from the seed.
#include "selection.hpp"

#include <charconv>

#include "generator.hpp"

namespace enlighten::conformance::differential {
namespace {

// What is before the first `end`, which goes too.
[[nodiscard]] std::string_view take_until(std::string_view& text, char end) noexcept {
  const std::size_t length = text.find(end);
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
  return taken;
}

// -1 for what is no digit of a hexadecimal number.
[[nodiscard]] int digit_of(char character) noexcept {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::size_t digit = digits.find(character);
  return digit == std::string_view::npos ? -1 : static_cast<int>(digit);
}

}  // namespace

std::optional<Program> Selection::next() noexcept {
  if (!request_.only.empty()) {
    return next_of_list();
  }
  return index_ == request_.programs ? std::nullopt
                                     : std::optional{generate(request_.seed, index_++, request_.length)};
}

std::optional<Program> Selection::next_of_list() noexcept {
  if (rest_.empty() || broken_) {
    return std::nullopt;
  }
  std::string_view entry = take_until(rest_, ',');
  const std::string_view number = take_until(entry, '.');
  const std::string_view mask = take_until(entry, '.');
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
  broken_ = error != std::errc{} || end != number.data() + number.size() || mask.empty() ||
            (!entry.empty() && entry != "0");
  const Program whole = generate(request_.seed, index, request_.length);
  Program selected;
  for (std::size_t step = 0; step != whole.steps().size() && step / 4 < mask.size() && !broken_; ++step) {
    const int digit = digit_of(mask[mask.size() - 1 - step / 4]);
    broken_ = digit < 0;
    if (digit >= 0 && (digit >> step % 4 & 1) != 0) {
      Step kept = whole.steps()[step];
      kept.vcpu = entry.empty() ? kept.vcpu : 0;
      selected.add(kept);
    }
  }
  return broken_ ? std::nullopt : std::optional{selected};
}

}  // namespace enlighten::conformance::differential
