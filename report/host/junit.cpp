// SPDX-License-Identifier: MIT
// A run as JUnit XML.
#include <report_host/junit.hpp>

#include <chrono>
#include <iterator>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "printable.hpp"

namespace enlighten::report {
namespace {

std::string escaped(std::string_view bytes) {
  std::string xml;
  for (const char one : printable(bytes)) {
    switch (one) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      case '\t':
      case '\n':
      case '\r':
        // As they are, a parser would make spaces of them in an attribute.
        fmt::format_to(std::back_inserter(xml), "&#{};", static_cast<int>(one));
        break;
      default:
        xml += one;
    }
  }
  return xml;
}

std::string joined(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

// A test case is a line of its own, with or without something within.
std::string test_case(std::string_view class_name, std::string_view name, std::string_view time,
                      std::string_view within) {
  return fmt::format("    <testcase classname=\"{}\" name=\"{}\"{}{}\n", escaped(class_name), escaped(name), time,
                     within.empty() ? "/>" : fmt::format(">{}</testcase>", within));
}

std::string element(std::string_view tag, std::string_view message, std::string_view text) {
  return fmt::format("<{} message=\"{}\">{}</{}>", tag, escaped(message), escaped(text), tag);
}

std::string test_element(const Test& test) {
  switch (test.outcome) {
    case Outcome::failed:
      return element("failure", test.reason.empty() ? "not ok" : test.reason, joined(test.diagnostics));
    case Outcome::skipped:
      return element("skipped", test.reason, joined(test.diagnostics));
    case Outcome::passed:
      break;
  }
  return test.diagnostics.empty() ? ""
                                  : fmt::format("<system-out>{}</system-out>", escaped(joined(test.diagnostics)));
}

std::string suite(std::string_view name, std::size_t tests, std::size_t failures, std::size_t errors,
                  std::size_t skipped, std::string_view extra, std::string_view within) {
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"{}>\n{}  </testsuite>\n",
      escaped(name), tests, failures, errors, skipped, extra, within);
}

// What a verdict is to a server that shows it.
struct Counted {
  bool failure = false;
  bool error = false;
  bool skip = false;
};

Counted counted(Verdict verdict) {
  return {.failure = verdict == Verdict::failure,
          .error = verdict != Verdict::failure && verdict != Verdict::skip && verdict != Verdict::success,
          .skip = verdict == Verdict::skip};
}

// The element of a case that stands for a verdict; empty for success.
std::string verdict_element(Verdict verdict, std::string_view reason, std::string_view text) {
  if (verdict == Verdict::success) {
    return {};
  }
  const Counted as = counted(verdict);
  const std::string message =
      reason.empty() ? std::string{name(verdict)} : fmt::format("{}: {}", name(verdict), reason);
  return element(as.failure ? "failure" : as.skip ? "skipped" : "error", message, text);
}

// Among several domains, each has a case that is the verdict on it.
std::string domain_suite(const Domain& domain, bool with_verdict) {
  std::string cases;
  for (const Test& test : domain.tests.cases) {
    cases += test_case(domain.name, test.name, "", test_element(test));
  }
  Counted as;
  if (with_verdict) {
    as = counted(domain.verdict);
    cases += test_case(domain.name, "verdict", "", verdict_element(domain.verdict, domain.reason, ""));
  }
  return suite(domain.name, domain.tests.cases.size() + (with_verdict ? 1 : 0),
               domain.tests.count(Outcome::failed) + (as.failure ? 1 : 0), as.error ? 1 : 0,
               domain.tests.count(Outcome::skipped) + (as.skip ? 1 : 0), "", cases);
}

std::string problem_lines(const Run& run) {
  std::string text = run.ending_text;
  const auto add = [&text](const Domain& domain, const Problem& problem) {
    fmt::format_to(std::back_inserter(text), "{}{}{}: {}", text.empty() ? "" : "\n", domain.name,
                   problem.line == 0 ? "" : fmt::format(", line {}", problem.line), problem.text);
  };
  for (const Domain& domain : run.domains) {
    for (const Problem& problem : domain.tests.problems) {
      add(domain, problem);
    }
    for (const Problem& problem : domain.problems) {
      add(domain, problem);
    }
  }
  return text;
}

std::string run_suite(const Run& run) {
  const Counted as = counted(run.verdict);
  const std::string within = verdict_element(run.verdict, run.reason, problem_lines(run));
  std::string time;
  if (run.elapsed) {
    time = fmt::format(" time=\"{:.3f}\"", std::chrono::duration<double>(*run.elapsed).count());
  }
  std::string stamp;
  if (run.started) {
    stamp = fmt::format(" timestamp=\"{:%Y-%m-%dT%H:%M:%S}\"",
                        fmt::gmtime(std::chrono::system_clock::to_time_t(*run.started)));
  }
  return suite("run", 1, as.failure ? 1 : 0, as.error ? 1 : 0, as.skip ? 1 : 0, time + stamp,
               test_case("run", run.image.empty() ? "verdict" : run.image, time, within));
}

}  // namespace

std::string to_junit(const Run& run) {
  std::string suites = run_suite(run);
  for (const Domain& domain : run.domains) {
    suites += domain_suite(domain, run.domains.size() > 1);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"enlighten\">\n{}</testsuites>\n", suites);
}

}  // namespace enlighten::report
