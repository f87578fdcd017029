// SPDX-License-Identifier: MIT
// What the first program of dom0 tells the runner, line by line.
#include <runner/toolstack/dom0_messages.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace enlighten::runner {
namespace {

using Kind = Dom0_message::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 8> words{{{"said", Kind::said},
                                                                  {"created", Kind::created},
                                                                  {"refused", Kind::refused},
                                                                  {"ended", Kind::ended},
                                                                  {"script", Kind::script},
                                                                  {"script-ended", Kind::script_ended},
                                                                  {"shell-ended", Kind::shell_ended},
                                                                  {"failed", Kind::failed}}};

std::optional<unsigned> number_in(std::string_view text) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

}  // namespace

std::optional<Dom0_message> read_dom0_message(std::string_view line) {
  const std::size_t blank = std::min(line.find(' '), line.size());
  const auto known = std::ranges::find(words, line.substr(0, blank), [](const auto& word) { return word.first; });
  if (known == words.end()) {
    return std::nullopt;
  }
  const std::string_view rest = line.substr(std::min(blank + 1, line.size()));
  const auto number = number_in(rest);
  switch (known->second) {
    case Kind::said:
    case Kind::script:
    case Kind::failed:
    case Kind::shell_ended:
      return Dom0_message{.kind = known->second, .text = std::string{rest}};
    case Kind::script_ended:
      return number && *number <= 255 ? std::optional{Dom0_message{
                                            .kind = known->second, .status = static_cast<int>(*number), .text = {}}}
                                      : std::nullopt;
    default:
      return number && *number != 0
                 ? std::optional{Dom0_message{.kind = known->second, .guest = *number - 1, .text = {}}}
                 : std::nullopt;
  }
}

}  // namespace enlighten::runner
