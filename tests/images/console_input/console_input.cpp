// SPDX-License-Identifier: MIT
// Reads lines from the console, numbered by whoever types them, and says which came and how.
//
// Promised: by Xen, that xenconsoled puts into the ring what is typed, in order, and waits while there is no room.
// Done: each line must be the next number and so many letters as that number says; one line is too long. Would go
// wrong: a character is lost or comes twice where the ring wraps; the reader sleeps with characters in the ring;
// the backend waits for room that it was never told of.
#include <charconv>
#include <string>

#include <report/verdict.hpp>
#include <runtime/console_input.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

using namespace enlighten;

namespace {

// Long enough for the lines of two dozen numbers to fill the ring.
[[nodiscard]] std::string line_of(unsigned number) {
  constexpr unsigned longest = 100;
  return std::to_string(number) + " " + std::string(number % longest, static_cast<char>('a' + number % 26));
}

struct Seen {
  unsigned lines = 0;
  unsigned wrong = 0;
  unsigned refused = 0;
};

void look_at(std::string_view line, Seen& seen) {
  if (line != line_of(seen.lines)) {
    ++seen.wrong;
    runtime::log("line ", seen.lines, " is: ", line);
  }
  ++seen.lines;
}

}  // namespace

runtime::Task<int> guest_main(runtime::Guest& guest) {
  auto input = runtime::Console_input::open(guest, Cpu{0});
  if (!input) {
    runtime::log(input.error());
    co_return report::exit_code(report::Verdict::error);
  }
  runtime::print("type");
  Seen seen;
  for (;;) {
    const Result<std::string> line = co_await (*input)->read_line();
    if (!line) {
      runtime::log(line.error());
      if (++seen.refused > 1) {
        break;
      }
    } else if (*line == "end") {
      break;
    } else {
      look_at(*line, seen);
    }
  }
  runtime::print("lines=%u wrong=%u refused=%u", seen.lines, seen.wrong, seen.refused);
  const bool good = seen.lines == 300 && seen.wrong == 0 && seen.refused == 1;
  co_return report::exit_code(good ? report::Verdict::success : report::Verdict::failure);
}
