// SPDX-License-Identifier: MIT
// Runs the program and makes its return value the verdict.
#include <runtime/program.hpp>

#include <cstdio>

#include <report/verdict.hpp>
#include <runtime/power.hpp>

namespace enlighten::runtime {

Task<> run_program(Guest& guest) {
  const int code = co_await guest_main(guest);
  report::Verdict verdict = code == 0 ? report::Verdict::success : report::Verdict::failure;
  for (const report::Verdict known : report::all_verdicts) {
    if (report::exit_code(known) == code) {
      verdict = known;
    }
  }
  char reason[48];
  std::snprintf(reason, sizeof reason, "the program returned %d", code);
  finish(verdict, code, reason);
}

}  // namespace enlighten::runtime
