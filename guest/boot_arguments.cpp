// SPDX-License-Identifier: MIT
// Splits a command line into words and each word at its first equals sign.
#include <guest/boot_arguments.hpp>

namespace enlighten::guest {
namespace {

constexpr std::string_view blanks{" \t\r\n"};

}  // namespace

std::optional<std::string_view> boot_argument(std::string_view bootargs, std::string_view key) noexcept {
  std::optional<std::string_view> found;
  while (!bootargs.empty()) {
    std::string_view word = bootargs;
    const std::size_t length = bootargs.find_first_of(blanks);
    if (length == std::string_view::npos) {
      bootargs = {};
    } else {
      word.remove_suffix(word.size() - length);
      bootargs.remove_prefix(length + 1);
    }
    if (word.size() > key.size() && word.starts_with(key) && word[key.size()] == '=') {
      word.remove_prefix(key.size() + 1);
      found = word;
    }
  }
  return found;
}

}  // namespace enlighten::guest
