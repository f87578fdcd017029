// SPDX-License-Identifier: MIT
// A run as JSON.
#include <report_host/json.hpp>

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include "printable.hpp"

namespace enlighten::report {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(printable(text));
}

Json problems_json(const std::vector<Problem>& problems) {
  Json all = Json::array();
  for (const Problem& problem : problems) {
    all.push_back(
        {{"line", problem.line == 0 ? Json(nullptr) : Json(problem.line)}, {"text", printable(problem.text)}});
  }
  return all;
}

Json test_json(const Test& test) {
  Json one{{"name", printable(test.name)}, {"outcome", name(test.outcome)}};
  if (!test.reason.empty()) {
    one["reason"] = printable(test.reason);
  }
  if (!test.diagnostics.empty()) {
    Json& lines = one["diagnostics"] = Json::array();
    for (const std::string& line : test.diagnostics) {
      lines.push_back(printable(line));
    }
  }
  return one;
}

Json names_json(const Tests& tests, Outcome outcome) {
  Json names = Json::array();
  for (const Test& test : tests.cases) {
    if (test.outcome == outcome) {
      names.push_back(printable(test.name));
    }
  }
  return names;
}

Json tests_json(const Tests& tests) {
  Json all{{"reported", tests.reported}};
  Json names = Json::object();
  for (const Outcome outcome : {Outcome::passed, Outcome::failed, Outcome::skipped}) {
    all[std::string{name(outcome)}] = tests.count(outcome);
    names[std::string{name(outcome)}] = names_json(tests, outcome);
  }
  all["names"] = std::move(names);
  Json& cases = all["cases"] = Json::array();
  for (const Test& test : tests.cases) {
    cases.push_back(test_json(test));
  }
  all["problems"] = problems_json(tests.problems);
  return all;
}

Json record_json(const Record& record) {
  Json pairs = Json::object();
  for (const auto& [key, value] : record.pairs) {
    pairs[key] = printable(value);
  }
  return {{"kind", record.kind}, {"pairs", std::move(pairs)}};
}

Json end_json(const std::optional<Statement>& end) {
  if (!end) {
    return nullptr;
  }
  return {{"verdict", name(end->verdict)}, {"code", end->code}, {"reason", printable(end->reason)}};
}

Json domain_json(const Domain& domain) {
  Json counts = Json::object();
  for (const auto& [name, value] : domain.counts) {
    counts[name] = value;
  }
  Json records = Json::array();
  for (const Record& record : domain.records) {
    records.push_back(record_json(record));
  }
  return {{"name", printable(domain.name)},
          {"image", text_or_null(domain.image)},
          {"verdict", name(domain.verdict)},
          {"reason", printable(domain.reason)},
          {"vcpus", domain.vcpus},
          {"console", text_or_null(domain.console.string())},
          {"ending", name(domain.ending)},
          {"end", end_json(domain.end)},
          {"panic", domain.panic ? Json(printable(*domain.panic)) : Json(nullptr)},
          {"tests", tests_json(domain.tests)},
          {"counts", std::move(counts)},
          {"records", std::move(records)},
          {"problems", problems_json(domain.problems)}};
}

}  // namespace

nlohmann::ordered_json to_json(const Run& run) {
  Json domains = Json::array();
  for (const Domain& domain : run.domains) {
    domains.push_back(domain_json(domain));
  }
  Json all{{"schema", json_schema},
           {"verdict", name(run.verdict)},
           {"exit_code", exit_code(run.verdict)},
           {"reason", printable(run.reason)},
           {"image", text_or_null(run.image)},
           {"machine", {{"ending", name(run.ending)}, {"text", printable(run.ending_text)}}},
           {"xen",
            {{"version", run.xen.version ? Json(printable(*run.xen.version)) : Json(nullptr)},
             {"package", text_or_null(run.xen.package)},
             {"path", text_or_null(run.xen.path.string())}}},
           {"qemu", {{"version", text_or_null(run.qemu.version)}}},
           {"domains", std::move(domains)}};
  if (run.started) {
    all["started"] =
        fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(*run.started)));
  }
  if (run.elapsed) {
    all["elapsed_ms"] = run.elapsed->count();
  }
  return all;
}

std::string json_text(const Run& run) {
  return to_json(run).dump(2) + '\n';
}

}  // namespace enlighten::report
