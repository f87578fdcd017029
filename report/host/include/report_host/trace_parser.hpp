// SPDX-License-Identifier: MIT
// Reads the lines of a trace (<report/trace_line.hpp>) from among what else a guest prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <base/trace_entry.hpp>

#include <report_host/run.hpp>

namespace enlighten::report {

struct Traced_cpu {
  std::uint64_t recorded = 0;  // entries in all, of which the first may be lost
  std::vector<Trace_entry> entries;
};

// What one guest has traced.
struct Guest_trace {
  std::uint64_t hertz = 0;  // of the count in each entry; never 0 once there is a trace
  std::optional<std::uint32_t> upcall;
  std::optional<std::uint32_t> timer;
  std::vector<std::string> steps;
  std::map<std::uint32_t, Traced_cpu> cpus;
};

// Fed line by line. Never fails: a line that cannot be so is a problem, and what it held is missing.
class Trace_parser {
 public:
  // Whether the line belongs to a trace: then it is nothing else's.
  bool line(std::string_view text);

  // Nothing if no trace was begun. What was announced and did not come is a problem.
  [[nodiscard]] std::optional<Guest_trace> finish();
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  void take(const Record& record);
  void take_guest(const Record& record);
  void take_cpu(const Record& record);
  void take_entries(const Record& record);
  void problem(std::string text);

  std::optional<Guest_trace> trace_;
  std::uint64_t cpus_ = 0;
  std::uint64_t lines_ = 0;
  std::optional<std::uint64_t> announced_lines_;
  std::size_t more_problems_ = 0;
  std::vector<std::string> problems_;
};

// The bytes of `d`; nothing if a character is not one of base64's, or the length cannot be.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);

}  // namespace enlighten::report
