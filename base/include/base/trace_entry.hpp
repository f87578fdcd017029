// SPDX-License-Identifier: MIT
// One entry of a trace: what those who record and those who read it know of each other.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace enlighten {
inline namespace base {

// What happened. `a` has 24 bits, `b` has 32; a kind that does not name one leaves it 0. The numbers are those in
// the lines a guest prints: a kind is added at the end, and none changes its meaning.
enum class Trace_kind : std::uint8_t {
  step_begin,      // a: the bring-up step of this CPU, from 0
  step_end,        // a: the same
  cpu_on,          // b: the CPU that this one asks the firmware to turn on
  call_begin,      // a: the hypercall's number, from bit 8 on its operation; b: the port of an event that is sent
  call_end,        // a: the same; b: the low half of what Xen answered
  interrupt,       // b: the number that was acknowledged
  delivery_begin,  // b: the port whose event is brought to its handler
  delivery_end,    // b: the same
  task_begin,      // b: where the code is that runs, from the start of the image
  task_end,
  wait_begin,  // sleeps until an interrupt is pending
  wait_end,
  wake,  // b: the CPU whose sleep this one ends
};
inline constexpr std::size_t trace_kinds = 13;

// The words of a trace in all its forms. A slice has the name of its kind without "_begin" and "_end".
[[nodiscard]] constexpr std::string_view name(Trace_kind kind) noexcept {
  constexpr std::array<std::string_view, trace_kinds> names{
      "step_begin",   "step_end",   "cpu_on",   "call_begin", "call_end", "interrupt", "delivery_begin",
      "delivery_end", "task_begin", "task_end", "wait_begin", "wait_end", "wake"};
  return names[static_cast<std::size_t>(kind)];
}

[[nodiscard]] constexpr std::optional<Trace_kind> trace_kind_from_number(std::uint64_t number) noexcept {
  return number < trace_kinds ? std::optional{static_cast<Trace_kind>(number)} : std::nullopt;
}

struct Trace_entry {
  std::uint64_t count = 0;  // of the timer that all CPUs of a guest share
  Trace_kind kind{};
  std::uint32_t a = 0;
  std::uint32_t b = 0;

  friend constexpr bool operator==(const Trace_entry&, const Trace_entry&) noexcept = default;
};

// All but the count, in one word: kind in bits 7:0, a in 31:8, b in 63:32.
[[nodiscard]] constexpr std::uint64_t packed_trace(Trace_kind kind, std::uint32_t b, std::uint32_t a = 0) noexcept {
  return std::uint64_t{b} << 32 | std::uint64_t{a & 0xff'ffff} << 8 | static_cast<std::uint64_t>(kind);
}
[[nodiscard]] constexpr Trace_entry unpacked_trace(std::uint64_t count, std::uint64_t word) noexcept {
  return {.count = count,
          .kind = static_cast<Trace_kind>(word & 0xff),
          .a = static_cast<std::uint32_t>(word >> 8 & 0xff'ffff),
          .b = static_cast<std::uint32_t>(word >> 32)};
}

}  // namespace base
}  // namespace enlighten
