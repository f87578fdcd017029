// SPDX-License-Identifier: MIT
// Entries of a trace as lines: some ten to sixteen in each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <base/trace_entry.hpp>
#include <report/line.hpp>

namespace enlighten::report {

// A trace is these records, in this order of kinds, with other lines in between:
//
//   enlighten: trace_guest cpus= hertz= upcall= timer= steps=NAME,NAME,...
//   enlighten: trace_cpu cpu= recorded= first=     for each CPU that has recorded anything
//   enlighten: trace cpu= n= at= d=                until `recorded` is reached
//   enlighten: trace_end lines=                    how many `trace` records there were
//
// hertz: of the count in each entry. upcall: the interrupt by which Xen announces events, absent without Xen.
// steps: what the steps of bringing a CPU up are called. first: of the entries 0 to recorded - 1 the first that was
// kept. n, at: the number and, in hexadecimal, the count of the first entry in `d`, which is base64 without
// padding, whose bytes are for each entry: count since the entry before (or since `at`), kind, a, b; the kind one
// byte, the others seven bits a byte, the lowest first, bit 7 set where another byte follows. Each line can be read
// by itself: one that is lost takes no other with it.
namespace record_kind {
inline constexpr std::string_view trace_guest = "trace_guest";
inline constexpr std::string_view trace_cpu = "trace_cpu";
inline constexpr std::string_view trace = "trace";
inline constexpr std::string_view trace_end = "trace_end";
}  // namespace record_kind

// The `trace` records of one CPU.
class Trace_lines {
 public:
  Trace_lines(Line_sink& sink, std::uint32_t cpu) noexcept : sink_{sink}, cpu_{cpu} {}
  Trace_lines(const Trace_lines&) = delete;
  Trace_lines& operator=(const Trace_lines&) = delete;
  ~Trace_lines() { flush(); }

  // `index` is the entry's number on its CPU. Entries may be missing between two; none may come before an earlier
  // one, in number or count.
  void add(std::uint64_t index, const Trace_entry& entry) noexcept;
  void flush() noexcept;

  [[nodiscard]] std::uint64_t lines() const noexcept { return lines_; }

 private:
  // So many bytes leave room for the longest head: what stands before `d`.
  static constexpr std::size_t capacity = 78;
  static constexpr std::size_t longest_entry = 10 + 1 + 4 + 5;

  void put(std::uint64_t number) noexcept;

  Line_sink& sink_;
  std::uint32_t cpu_;
  std::uint64_t lines_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t begins_at_ = 0;
  std::uint64_t latest_ = 0;
  std::size_t used_ = 0;
  std::array<std::uint8_t, capacity> bytes_;
};

}  // namespace enlighten::report
