// SPDX-License-Identifier: MIT
// The enlighten command: whatever happens ends in an exit code, and in a sentence if it is not a verdict's.
#include <csignal>
#include <cstdio>
#include <exception>

#include <fmt/format.h>
#include <report/verdict.hpp>

#include <runner/command_line.hpp>
#include <runner/interruption.hpp>

int main(int argument_count, char** arguments) {
  using namespace enlighten;
  try {
    return runner::run_command_line(argument_count, arguments);
  } catch (const runner::Interrupted& interrupted) {
    fmt::print(stderr, "enlighten: ended by SIG{}\n", runner::signal_name(interrupted.signal));
    // Whoever started us shall see what ended us.
    runner::Interruption::restore_defaults();
    std::raise(interrupted.signal);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "enlighten: {}\n", failure.what());
  }
  return report::exit_code(report::Verdict::error);
}
