// SPDX-License-Identifier: MIT
// Makes text out of whatever bytes a guest printed.
#include "printable.hpp"

#include <array>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

namespace enlighten::report {
namespace {

struct Form {
  unsigned char mask;
  unsigned char lead;
  char32_t smallest;
};

// One to four bytes: how the first one looks, and what is too small to need so many ([unicode] 3.9).
constexpr std::array forms{Form{0x80, 0x00, 0}, Form{0xe0, 0xc0, 0x80}, Form{0xf0, 0xe0, 0x800},
                           Form{0xf8, 0xf0, 0x10000}};

// XML 1.0 section 2.2, less DEL and the C1 controls, which terminals act upon.
bool allowed(char32_t code) {
  return code == '\t' || code == '\n' || code == '\r' || (code >= 0x20 && code < 0x7f) ||
         (code >= 0xa0 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe) ||
         (code >= 0x10000 && code < 0x110000);
}

// How many bytes at the front of `bytes` are one character that may stay; 0: none.
std::size_t character_length(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  for (std::size_t following = 0; following < forms.size(); ++following) {
    const Form& form = forms[following];
    if ((first & form.mask) != form.lead) {
      continue;
    }
    if (bytes.size() <= following) {
      return 0;
    }
    char32_t code = first & static_cast<unsigned char>(~form.mask);
    for (std::size_t i = 1; i <= following; ++i) {
      const auto next = static_cast<unsigned char>(bytes[i]);
      if ((next & 0xc0U) != 0x80U) {
        return 0;
      }
      code = code << 6U | (next & 0x3fU);
    }
    return code >= form.smallest && allowed(code) ? following + 1 : 0;
  }
  return 0;
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length == 0) {
      fmt::format_to(std::back_inserter(text), "\\x{:02x}", static_cast<unsigned char>(bytes.front()));
      bytes.remove_prefix(1);
    } else {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    }
  }
  return text;
}

}  // namespace enlighten::report
