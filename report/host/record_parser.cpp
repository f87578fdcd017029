// SPDX-License-Identifier: MIT
// Takes a guest's record lines apart.
#include <report/record.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <report_host/parser.hpp>

namespace enlighten::report {
namespace {

constexpr bool in_name(char one) {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') || one == '_' ||
         one == '-' || one == '.';
}

// Consumes a line from its front. Every step says whether it found what it looked for.
class Reader {
 public:
  explicit Reader(std::string_view rest) : rest_{rest} {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool skip(char wanted) {
    if (!rest_.starts_with(wanted)) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view word() {
    return take(static_cast<std::size_t>(std::ranges::find_if_not(rest_, in_name) - rest_.begin()));
  }

  std::string_view until_space() { return take(std::min(rest_.find(' '), rest_.size())); }

  // What stands before the closing quote, which is consumed; nullopt: it is missing or an escape is wrong.
  std::optional<std::string> quoted() {
    std::string value;
    while (!rest_.empty()) {
      const char one = rest_.front();
      rest_.remove_prefix(1);
      if (one == '"') {
        return value;
      }
      if (one != '\\') {
        value += one;
      } else if (const std::optional<char> escaped = escape()) {
        value += *escaped;
      } else {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::optional<char> escape() {
    const std::string_view letter = take(std::min<std::size_t>(1, rest_.size()));
    if (letter == "\"" || letter == "\\") {
      return letter.front();
    }
    if (letter == "n") {
      return '\n';
    }
    if (letter == "r") {
      return '\r';
    }
    if (letter == "t") {
      return '\t';
    }
    if (letter == "x") {
      const std::string_view digits = take(std::min<std::size_t>(2, rest_.size()));
      unsigned code = 0;
      const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (error == std::errc{} && digits.size() == 2 && stop == digits.data() + digits.size()) {
        return static_cast<char>(code);
      }
    }
    return std::nullopt;
  }

  std::string_view rest_;
};

std::expected<Record, std::string> read_pairs(Reader& reader) {
  Record record;
  record.kind = reader.word();
  if (record.kind.empty()) {
    return std::unexpected{"the record has no kind"};
  }
  while (!reader.at_end()) {
    if (!reader.skip(' ')) {
      return std::unexpected{fmt::format("no space before what follows \"{}\" in a record of kind {}",
                                         record.pairs.empty() ? record.kind : record.pairs.back().first,
                                         record.kind)};
    }
    const std::string key{reader.word()};
    if (key.empty() || !reader.skip('=')) {
      return std::unexpected{fmt::format("\"{}\" is no key=value in a record of kind {}", key, record.kind)};
    }
    if (record.text(key)) {
      return std::unexpected{fmt::format("key {} stands twice in a record of kind {}", key, record.kind)};
    }
    if (!reader.skip('"')) {
      record.pairs.emplace_back(key, reader.until_space());
    } else if (std::optional<std::string> value = reader.quoted()) {
      record.pairs.emplace_back(key, *std::move(value));
    } else {
      return std::unexpected{fmt::format("the quoted value of {} has no end or a wrong escape", key)};
    }
  }
  return record;
}

}  // namespace

std::optional<std::expected<Record, std::string>> parse_record(std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (!line.starts_with(record_prefix)) {
    return std::nullopt;
  }
  Reader reader{line.substr(record_prefix.size())};
  return read_pairs(reader);
}

std::expected<Statement, std::string> parse_statement(const Record& record) {
  const std::string_view stated = record.text("verdict").value_or("");
  const std::optional<Verdict> verdict = verdict_from_name(stated);
  if (!verdict) {
    return std::unexpected{fmt::format("the end record's verdict \"{}\" is none", stated)};
  }
  Statement statement;
  statement.verdict = *verdict;
  if (const std::optional<std::string_view> text = record.text("code")) {
    const std::optional<std::int64_t> code = record.integer("code");
    if (!code) {
      return std::unexpected{fmt::format("the end record's code \"{}\" is no integer", *text)};
    }
    statement.code = *code;
  }
  statement.reason = record.text("reason").value_or("");
  return statement;
}

}  // namespace enlighten::report
