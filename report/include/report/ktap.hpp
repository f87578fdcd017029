// SPDX-License-Identifier: MIT
// Test results of a guest as KTAP version 1 ([ktap]), and the verdict that follows from them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <report/line.hpp>
#include <report/verdict.hpp>

namespace enlighten::report {

struct Ktap_counts {
  std::uint32_t passed = 0;
  std::uint32_t failed = 0;
  std::uint32_t skipped = 0;

  [[nodiscard]] constexpr std::uint32_t total() const noexcept { return passed + failed + skipped; }
};

// The results of one level: what a whole program and a group of tests within it have in common.
//
// A name that is too long for its line is cut. `#` and control characters in names are escaped or replaced, so no
// name can pass for a directive or begin a line.
class Ktap_results {
 public:
  Ktap_results(const Ktap_results&) = delete;
  Ktap_results& operator=(const Ktap_results&) = delete;

  void pass(std::string_view name) noexcept;
  void fail(std::string_view name) noexcept;
  void skip(std::string_view name, std::string_view reason) noexcept;

  // What a reader should know about the next result: KTAP has diagnostics stand before the line they belong to.
  // Long text and text with line ends becomes several lines.
  void diagnose(std::string_view text) noexcept;
  [[gnu::format(printf, 2, 3)]] void diagnose_format(const char* format, ...) noexcept;

  [[nodiscard]] const Ktap_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] Line_sink& sink() const noexcept { return sink_; }

 protected:
  enum class Depth : std::uint8_t { top, group };

  Ktap_results(Line_sink& sink, Depth depth, std::optional<std::uint32_t> planned) noexcept;
  ~Ktap_results() = default;

  // Writes the plan if it was not known before, compares it with what has run, and sums up.
  [[nodiscard]] Verdict close() noexcept;

 private:
  [[nodiscard]] Line indented() const noexcept;
  void result(std::string_view status, std::string_view name, std::string_view skip_reason) noexcept;
  void plan(std::uint32_t count) noexcept;

  Line_sink& sink_;
  Ktap_counts counts_;
  std::optional<std::uint32_t> planned_;
  Depth depth_;
};

// The results of a program.
//
//   Ktap ktap{sink, 2};
//   ktap.pass("every vCPU is online");
//   ktap.diagnose_format("sent %u received %u", sent, received);
//   ktap.fail("no event is lost");
//   const Verdict verdict = ktap.finish();
//
// Without finish() the plan may be missing or unmet: the runner takes that for a program that did not come to its
// end.
class Ktap : public Ktap_results {
 public:
  // The plan is written by finish(), as what has then run.
  explicit Ktap(Line_sink& sink) noexcept;
  // The plan comes first, so that a program that stops early is found out.
  Ktap(Line_sink& sink, std::uint32_t planned) noexcept;

  // failure: a test failed or the plan is unmet; skip: all were skipped or none was run; else success.
  [[nodiscard]] Verdict finish() noexcept { return close(); }
};

// A test of a program that consists of tests itself. Between its construction and finish() nothing else is reported
// to the program's Ktap.
class Ktap_group : public Ktap_results {
 public:
  Ktap_group(Ktap& program, std::string_view name) noexcept;
  Ktap_group(Ktap& program, std::string_view name, std::uint32_t planned) noexcept;

  // Also reports the group to the program: as failed, as skipped when all within it was, else as passed.
  Verdict finish() noexcept;

 private:
  Ktap& program_;
  std::string_view name_;
};

}  // namespace enlighten::report
