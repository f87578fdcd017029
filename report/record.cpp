// SPDX-License-Identifier: MIT
// The machine-readable lines of a guest.
#include <report/record.hpp>

#include <algorithm>

namespace enlighten::report {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view cut_mark = " cut=yes";
constexpr std::string_view cut_text = "...\"";

constexpr std::string_view hexadecimal_digits = "0123456789abcdef";

constexpr bool plain(char one) noexcept {
  return (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9') ||
         std::string_view{"_-.:/+,"}.contains(one);
}

// What has an escape of its own, and the letter behind its backslash.
constexpr std::string_view escaped = "\"\\\n\r\t";
constexpr std::string_view letters = "\"\\nrt";

constexpr std::size_t longest_escape = 4;

void append_escaped(Line& line, char one) noexcept {
  const auto code = static_cast<unsigned char>(one);
  if (const std::size_t index = escaped.find(one); index != std::string_view::npos) {
    line.character('\\').character(letters[index]);
  } else if (code < 0x20 || code == 0x7f) {
    line.text("\\x"sv).character(hexadecimal_digits[code >> 4U]).character(hexadecimal_digits[code & 15U]);
  } else {
    line.character(one);
  }
}

}  // namespace

Record_line::Record_line(std::string_view kind) noexcept {
  line_.text(record_prefix).text(kind);
}

Record_line& Record_line::text(std::string_view key, std::string_view value) noexcept {
  constexpr std::size_t reserved = longest_escape + cut_text.size() + cut_mark.size();
  if (!complete_) {
    return *this;
  }
  if (!value.empty() && key.size() + value.size() + 2 + cut_mark.size() <= line_.room() &&
      std::ranges::all_of(value, plain)) {
    return word(key, value);
  }
  const std::size_t before = line_.length();
  line_.character(' ').text(key).text("=\""sv);
  if (line_.room() < reserved) {
    mark_incomplete(before);
    return *this;
  }
  for (const char one : value) {
    if (line_.room() < reserved) {
      mark_incomplete(line_.text(cut_text).length());
      return *this;
    }
    append_escaped(line_, one);
  }
  line_.character('"');
  return *this;
}

Record_line& Record_line::hexadecimal(std::string_view key, std::uint64_t value) noexcept {
  return word(key, Line{}.hexadecimal(value).view());
}

Record_line& Record_line::signed_integer(std::string_view key, std::int64_t value) noexcept {
  return word(key, Line{}.integer(value).view());
}

Record_line& Record_line::unsigned_integer(std::string_view key, std::uint64_t value) noexcept {
  return word(key, Line{}.integer(value).view());
}

Record_line& Record_line::word(std::string_view key, std::string_view value) noexcept {
  if (complete_) {
    const std::size_t before = line_.length();
    line_.character(' ').text(key).character('=').text(value);
    if (line_.room() < cut_mark.size()) {
      mark_incomplete(before);
    }
  }
  return *this;
}

void Record_line::mark_incomplete(std::size_t length) noexcept {
  line_.truncate(length);
  line_.text(cut_mark);
  complete_ = false;
}

Count_lines::Count_lines(Line_sink& sink) noexcept : sink_{sink}, record_{record_kind::count} {}

Count_lines& Count_lines::add(std::string_view name, std::uint64_t value) noexcept {
  Record_line longer = record_;
  longer.integer(name, value);
  if (!longer.complete()) {
    flush();
    longer = record_;
    longer.integer(name, value);
  }
  record_ = longer;
  empty_ = false;
  return *this;
}

void Count_lines::flush() noexcept {
  if (!empty_) {
    record_.write_to(sink_);
    record_ = Record_line{record_kind::count};
    empty_ = true;
  }
}

Record_line end_record(Verdict verdict, std::int64_t code, std::string_view reason) noexcept {
  return Record_line{record_kind::end}
      .text("verdict"sv, name(verdict))
      .integer("code"sv, code)
      .text("reason"sv, reason);
}

}  // namespace enlighten::report
