// SPDX-License-Identifier: MIT
// `enlighten run --trace FILE`: collects what the guests of a run have traced, and writes the file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <report_host/trace_parser.hpp>
#include <runner/console.hpp>
#include <runner/symbolizer.hpp>

namespace enlighten::runner {

class Run_trace {
 public:
  // Boot arguments for a guest with these: its own `trace=` counts.
  [[nodiscard]] static std::string arguments(const std::string& own);

  Run_trace(std::filesystem::path file, std::vector<std::string> guests);

  // Whether the line is a trace's, which nobody else needs to see.
  bool take(const Console_line& line);

  // Writes the file, and says on the terminal what is missing. Throws Failure if no guest has traced anything.
  void write(std::span<Symbolizer> symbolizers);

 private:
  std::filesystem::path file_;
  std::vector<std::string> names_;
  std::vector<report::Trace_parser> parsers_;
};

}  // namespace enlighten::runner
