// SPDX-License-Identifier: MIT
// The machine-readable lines of a guest: `enlighten: KIND key=value key="value with spaces"`.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <report/line.hpp>
#include <report/verdict.hpp>

namespace enlighten::report {

inline constexpr std::string_view record_prefix = "enlighten: ";

// The kinds the runner acts on; a program may have more of its own, which end up in the run's JSON as they are.
namespace record_kind {
inline constexpr std::string_view boot = "boot";    // xen=VERSION|none arch= cpus= events=fifo|2l|none image=
inline constexpr std::string_view count = "count";  // any number of NAME=INTEGER
inline constexpr std::string_view panic = "panic";  // cpu= vcpu= reason=; registers and a backtrace follow as text
inline constexpr std::string_view end = "end";      // verdict= code= reason=; the last word of a program
}  // namespace record_kind

// One record, built in place. Kind and keys are made of letters, digits, `_`, `-` and `.`.
//
// A record that outgrows its line stays a valid record: a text value is cut inside its quotes, a pair that does not
// fit at all is left out, and in both cases the last pair is `cut=yes`.
class Record_line {
 public:
  explicit Record_line(std::string_view kind) noexcept;

  // Quoted where it must be: `"`, `\` and control characters are escaped as \" \\ \n \r \t and \xHH.
  Record_line& text(std::string_view key, std::string_view value) noexcept;
  Record_line& hexadecimal(std::string_view key, std::uint64_t value) noexcept;

  template <std::integral Integer>
  Record_line& integer(std::string_view key, Integer value) noexcept {
    if constexpr (std::is_signed_v<Integer>) {
      return signed_integer(key, value);
    } else {
      return unsigned_integer(key, value);
    }
  }

  // Nothing was cut and nothing left out.
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  [[nodiscard]] std::string_view view() const noexcept { return line_.view(); }
  void write_to(Line_sink& sink) const noexcept { sink.line(view()); }

 private:
  Record_line& signed_integer(std::string_view key, std::int64_t value) noexcept;
  Record_line& unsigned_integer(std::string_view key, std::uint64_t value) noexcept;
  Record_line& word(std::string_view key, std::string_view value) noexcept;
  void mark_incomplete(std::size_t length) noexcept;

  Line line_;
  bool complete_ = true;
};

// Any number of NAME=INTEGER pairs, as many `count` records as they need. Written out by flush() and by the
// destructor.
class Count_lines {
 public:
  explicit Count_lines(Line_sink& sink) noexcept;
  Count_lines(const Count_lines&) = delete;
  Count_lines& operator=(const Count_lines&) = delete;
  ~Count_lines() { flush(); }

  Count_lines& add(std::string_view name, std::uint64_t value) noexcept;
  void flush() noexcept;

 private:
  Line_sink& sink_;
  Record_line record_;
  bool empty_ = true;
};

// The last word of a program: `enlighten: end verdict=failure code=1 reason="..."`.
[[nodiscard]] Record_line end_record(Verdict verdict, std::int64_t code, std::string_view reason) noexcept;

}  // namespace enlighten::report
