// SPDX-License-Identifier: MIT
// What every run comes to: the files that were asked for, the last lines, and the exit code.
#include <runner/conclusion.hpp>

#include <chrono>
#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <report_host/json.hpp>
#include <report_host/judge.hpp>
#include <report_host/junit.hpp>

#include <runner/failure.hpp>
#include <runner/interruption.hpp>
#include <runner/places.hpp>
#include <runner/process.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {
namespace {

// Who asked for a file that cannot be had is told before the boot and not after it.
void prepare_file(const std::optional<std::filesystem::path>& path) {
  if (path) {
    make_folder(std::filesystem::absolute(*path).parent_path());
    write_file(*path, {});
  }
}

void write_reports(const Run_options& options, report::Run& run) {
  report::conclude(run);
  if (options.report) {
    write_file(*options.report, report::json_text(run));
  }
  if (options.junit) {
    write_file(*options.junit, report::to_junit(run));
  }
}

Colour colour_of(report::Verdict verdict) {
  switch (verdict) {
    case report::Verdict::success:
      return Colour::green;
    case report::Verdict::skip:
      return Colour::yellow;
    default:
      return Colour::red;
  }
}

std::string verdict_line(report::Verdict verdict, const std::string& reason) {
  return fmt::format("{}{}{}", coloured(colour_of(verdict), report::name(verdict)), reason.empty() ? "" : ": ",
                     reason);
}

void print_conclusion(const report::Run& run, const std::string& what_and_where) {
  for (const report::Domain& domain : run.domains) {
    if (domain.tests.reported) {
      fmt::print("enlighten: {}{} tests passed, {} failed, {} skipped\n",
                 run.domains.size() == 1 ? "" : domain.name + ": ", domain.tests.count(report::Outcome::passed),
                 domain.tests.count(report::Outcome::failed), domain.tests.count(report::Outcome::skipped));
    }
    if (run.domains.size() != 1) {
      fmt::print("enlighten: {}: {}\n", domain.name, verdict_line(domain.verdict, domain.reason));
    }
  }
  fmt::print("enlighten: {}\n", what_and_where);
  fmt::print("enlighten: {}\n", verdict_line(run.verdict, run.reason));
  std::fflush(stdout);
}

}  // namespace

int run_and_report(const Run_options& options, const std::function<std::string(report::Run& run)>& body) {
  prepare_file(options.report);
  prepare_file(options.junit);
  prepare_file(options.trace);
  report::Run run;
  run.image = options.what;
  run.started = std::chrono::system_clock::now();
  const auto began = Clock::now();
  try {
    const std::string what_and_where = body(run);
    run.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    write_reports(options, run);
    print_conclusion(run, what_and_where);
    return report::exit_code(run.verdict);
  } catch (const Interrupted&) {
    write_reports(options, run);
    throw;
  } catch (const Failure& failure) {
    // Who reads only the report is told, too.
    run.ending = report::Machine_ending::not_started;
    run.ending_text = failure.what();
    write_reports(options, run);
    throw;
  }
}

std::string shown_path(const std::filesystem::path& path) {
  std::error_code error;
  const auto here = std::filesystem::current_path(error);
  const auto relative = path.lexically_relative(here);
  return error || relative.empty() || *relative.begin() == ".." ? path.string() : relative.string();
}

}  // namespace enlighten::runner
