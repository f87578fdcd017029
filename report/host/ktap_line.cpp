// SPDX-License-Identifier: MIT
// The kinds of lines KTAP knows, each taken apart on its own.
#include "ktap_line.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace enlighten::report::ktap_line {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(first);
  text.remove_suffix(text.size() - (text.find_last_not_of(" \t") + 1));
  return text;
}

bool consume(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) {
    return false;
  }
  text.remove_prefix(wanted.size());
  return true;
}

// A number, consumed with the digits it is made of; nullopt if there is none or it is too large to mean anything.
std::optional<std::uint64_t> consume_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  return error == std::errc{} ? std::optional{value} : std::nullopt;
}

bool ends_word(std::string_view text) {
  return text.empty() || text.front() == ' ' || text.front() == '\t';
}

// The part of `text` before a `#` that no backslash precedes, the backslashes resolved, and the part after it.
std::pair<std::string, std::string_view> split_at_directive(std::string_view text) {
  std::string description;
  while (!text.empty() && text.front() != '#') {
    if (text.front() == '\\' && text.size() > 1 && (text[1] == '#' || text[1] == '\\')) {
      text.remove_prefix(1);
    }
    description += text.front();
    text.remove_prefix(1);
  }
  consume(text, "#");
  return {std::string{trimmed(description)}, trimmed(text)};
}

bool equal_ignoring_case(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](unsigned char left, unsigned char right) {
    return std::tolower(left) == std::tolower(right);
  });
}

std::string unescaped(std::string_view text) {
  std::string whole;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '#' || text[i + 1] == '\\')) {
      ++i;
    }
    whole += text[i];
  }
  return whole;
}

void apply_directive(Result& result, std::string_view directive) {
  struct Meaning {
    std::string_view word;
    Outcome outcome;
  };
  constexpr std::array meanings{
      Meaning{"SKIP", Outcome::skipped},   Meaning{"SKIPPED", Outcome::skipped}, Meaning{"XFAIL", Outcome::passed},
      Meaning{"TIMEOUT", Outcome::failed}, Meaning{"ERROR", Outcome::failed},
  };
  const std::string_view word = directive.substr(0, directive.find_first_of(" \t:"));
  if (equal_ignoring_case(word, "TODO")) {
    // A test that is known to fail: when it passes all the same, that is no worse.
    result.outcome = result.outcome == Outcome::failed ? Outcome::skipped : result.outcome;
    result.reason = unescaped(directive);
    return;
  }
  const auto found =
      std::ranges::find_if(meanings, [word](const Meaning& one) { return equal_ignoring_case(one.word, word); });
  if (found == meanings.end()) {
    result.reason = unescaped(directive);
    return;
  }
  result.outcome = found->outcome;
  // Of a skip the reason alone: that it is a skip, the outcome says.
  result.reason =
      unescaped(found->outcome == Outcome::skipped ? trimmed(directive.substr(word.size())) : directive);
}

}  // namespace

std::optional<Version> version(std::string_view text) {
  text = trimmed(text);
  const bool ktap = consume(text, "KTAP version ");
  if (!ktap && !consume(text, "TAP version ")) {
    return std::nullopt;
  }
  return Version{ktap ? text == "1" : text == "13" || text == "14"};
}

std::optional<Plan> plan(std::string_view text) {
  if (!consume(text, "1..")) {
    return std::nullopt;
  }
  const std::optional<std::uint64_t> planned = consume_number(text);
  text = trimmed(text);
  if (!planned || !(text.empty() || text.starts_with('#'))) {
    return std::nullopt;
  }
  return Plan{*planned};
}

std::optional<Result> result(std::string_view text) {
  Result result;
  if (consume(text, "ok")) {
    result.outcome = Outcome::passed;
  } else if (!consume(text, "not ok")) {
    return std::nullopt;
  }
  if (!ends_word(text)) {
    return std::nullopt;
  }
  text = trimmed(text);
  std::string_view after_number = text;
  const std::optional<std::uint64_t> number = consume_number(after_number);
  if (after_number.size() < text.size() && ends_word(after_number)) {
    result.number = number;
    text = trimmed(after_number);
  }
  consume(text, "- ");
  auto [description, directive] = split_at_directive(text);
  result.name = std::move(description);
  if (!directive.empty()) {
    apply_directive(result, directive);
  }
  return result;
}

}  // namespace enlighten::report::ktap_line
