// SPDX-License-Identifier: MIT
// Reads the console of one domain.
#include <utility>

#include <fmt/format.h>

#include <report/record.hpp>
#include <report_host/parser.hpp>

namespace enlighten::report {
namespace {

// A guest that goes round in circles must not fill the memory of whoever watches.
constexpr std::size_t most_records = 10'000;
constexpr std::size_t most_problems = 100;

}  // namespace

Line_kind Console_parser::line(std::string_view text) {
  ++line_;
  const bool ktap = ktap_.line(text);
  auto record = parse_record(text);
  if (!record) {
    return ktap ? Line_kind::ktap : Line_kind::text;
  }
  if (*record) {
    take(**std::move(record));
  } else {
    problem(std::move(*record).error());
  }
  return Line_kind::record;
}

void Console_parser::finish_into(Domain& domain) {
  domain.end = std::move(read_.end);
  domain.panic = std::move(read_.panic);
  domain.tests = ktap_.finish();
  domain.counts = std::move(read_.counts);
  domain.records = std::move(read_.records);
  domain.problems = std::move(read_.problems);
  read_ = {};
  line_ = 0;
}

void Console_parser::take(Record record) {
  if (record.kind == record_kind::end) {
    auto statement = parse_statement(record);
    if (!statement) {
      problem(std::move(statement).error());
    } else if (read_.end) {
      problem("a second end record");
    } else {
      read_.end = *std::move(statement);
    }
  } else if (record.kind == record_kind::panic && !read_.panic) {
    read_.panic = record.text("reason").value_or("no reason given");
  } else if (record.kind == record_kind::count) {
    for (const auto& [name, value] : record.pairs) {
      if (const std::optional<std::int64_t> count = record.integer(name)) {
        read_.counts[name] = *count;
      } else if (name != "cut") {
        problem(fmt::format("the count {}={} is no integer", name, value));
      }
    }
  }
  if (read_.records.size() < most_records) {
    read_.records.push_back(std::move(record));
  } else if (read_.records.size() == most_records) {
    problem(fmt::format("more than {} records; the later ones are not kept", most_records));
  }
}

void Console_parser::problem(std::string text) {
  if (read_.problems.size() < most_problems) {
    read_.problems.push_back({line_, std::move(text)});
  }
}

}  // namespace enlighten::report
