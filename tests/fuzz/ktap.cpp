// SPDX-License-Identifier: MIT
// Any bytes as what a guest printed: every parser reads it, and what is written of it is JSON and XML all the same.
#include <string_view>

#include <report_host/json.hpp>
#include <report_host/judge.hpp>
#include <report_host/junit.hpp>
#include <report_host/ktap_parser.hpp>
#include <report_host/parser.hpp>

#include "input.hpp"

namespace enlighten::fuzz {
namespace {

void read_record(std::string_view line) {
  const auto record = report::parse_record(line);
  if (!record || !*record) {
    return;
  }
  for (const auto& [key, value] : (*record)->pairs) {
    require((*record)->text(key).has_value());
    static_cast<void>((*record)->integer(key));
  }
  static_cast<void>(report::parse_statement(**record));
}

void check(const report::Tests& tests, std::size_t lines) {
  using report::Outcome;
  require(tests.count(Outcome::passed) + tests.count(Outcome::failed) + tests.count(Outcome::skipped) ==
          tests.cases.size());
  for (const report::Problem& problem : tests.problems) {
    require(problem.line <= lines);
  }
}

}  // namespace
}  // namespace enlighten::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace enlighten;
  report::Console_parser console;
  report::Ktap_parser ktap;
  std::string_view text{reinterpret_cast<const char*>(data), size};
  std::size_t lines = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    ++lines;
    fuzz::read_record(line);
    static_cast<void>(console.line(line));
    static_cast<void>(ktap.line(line));
  }
  fuzz::check(ktap.finish(), lines);

  report::Run run;
  run.image = "image";
  run.ending = report::Machine_ending::stopped;
  run.domains.emplace_back().ending = report::Domain_ending::shut_down;
  console.finish_into(run.domains.front());
  fuzz::check(run.domains.front().tests, lines);
  report::conclude(run);
  fuzz::require(!report::json_text(run).empty());  // ends here if a text is not UTF-8
  fuzz::require(!report::to_junit(run).empty());
  return 0;
}
