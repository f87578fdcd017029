// SPDX-License-Identifier: MIT
// Puts time and CPU before a line and hands it to the console.
#include <runtime/log.hpp>

#include <cstdarg>
#include <cstdio>

#include <arch/processor.hpp>
#include <guest/cpu_local.hpp>
#include <runtime/clock.hpp>
#include <runtime/console.hpp>

namespace enlighten::runtime {
namespace {

[[gnu::format(printf, 2, 0)]] void append_list(report::Line& line, const char* format,
                                               std::va_list arguments) noexcept {
  char text[report::longest_line + 1];
  std::vsnprintf(text, sizeof text, format, arguments);
  line.text(text);
}

}  // namespace

report::Line log_line() noexcept {
  const std::int64_t microseconds = since_start().count() / 1000;
  char head[40];
  std::snprintf(head, sizeof head, "[%5u.%06u cpu %u] ", static_cast<unsigned>(microseconds / 1'000'000),
                static_cast<unsigned>(microseconds % 1'000'000),
                static_cast<unsigned>(guest::cpu_local().cpu.value()));
  report::Line line;
  line.text(head);
  return line;
}

void write_log(const report::Line& line) noexcept {
  console().line(line.view());
}

void logf(const char* format, ...) noexcept {
  report::Line line = log_line();
  std::va_list arguments;
  va_start(arguments, format);
  append_list(line, format, arguments);
  va_end(arguments);
  write_log(line);
}

void print(const char* format, ...) noexcept {
  report::Line line;
  std::va_list arguments;
  va_start(arguments, format);
  append_list(line, format, arguments);
  va_end(arguments);
  console().line(line.view());
}

}  // namespace enlighten::runtime
