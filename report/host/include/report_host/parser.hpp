// SPDX-License-Identifier: MIT
// Reads what a guest printed: records, KTAP, and its own words between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include <report_host/ktap_parser.hpp>
#include <report_host/run.hpp>

namespace enlighten::report {

// A line that begins with `enlighten: `, taken apart; or what is wrong with it. nullopt: not a record at all.
[[nodiscard]] std::optional<std::expected<Record, std::string>> parse_record(std::string_view line);

// What the `end` record says; an unknown verdict or a code that is no integer is an error.
[[nodiscard]] std::expected<Statement, std::string> parse_statement(const Record& record);

enum class Line_kind : std::uint8_t { text, record, ktap };

// The console of one domain. Fed line by line, whole lines as the guest printed them, with or without a line end.
//
//   Console_parser parser;
//   while (...) { parser.line(text); if (parser.end()) { ... } }
//   parser.finish_into(domain);
class Console_parser {
 public:
  Line_kind line(std::string_view text);

  // The program's last word, as soon as it was read; the first if there are several.
  [[nodiscard]] const std::optional<Statement>& end() const { return read_.end; }
  // The reason of a panic, as soon as it was read.
  [[nodiscard]] const std::optional<std::string>& panic() const { return read_.panic; }

  // Sets the members of `domain` that are read from the console, and only those.
  void finish_into(Domain& domain);

 private:
  void take(Record record);
  void problem(std::string text);

  Domain read_;
  Ktap_parser ktap_;
  std::size_t line_ = 0;
};

}  // namespace enlighten::report
