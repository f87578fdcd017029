// SPDX-License-Identifier: MIT
// Lines for people, each with the time since the guest started and the CPU that wrote it.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

#include <base/ids.hpp>
#include <base/result.hpp>
#include <report/line.hpp>

namespace enlighten::runtime {

// `[    0.012345 cpu 3] ` is already in the line.
[[nodiscard]] report::Line log_line() noexcept;
void write_log(const report::Line& line) noexcept;

// A value shown in hexadecimal: log("at ", hex(address)).
struct Hex {
  std::uint64_t value;
};
[[nodiscard]] constexpr Hex hex(std::uint64_t value) noexcept {
  return {value};
}

namespace detail {

inline void append(report::Line& line, std::string_view text) noexcept {
  line.text(text);
}
inline void append(report::Line& line, const char* text) noexcept {
  line.text(text);
}
inline void append(report::Line& line, char character) noexcept {
  line.character(character);
}
inline void append(report::Line& line, bool value) noexcept {
  line.text(value ? "true" : "false");
}
template <std::integral Integer>
  requires(!std::same_as<Integer, char> && !std::same_as<Integer, bool>)
void append(report::Line& line, Integer value) noexcept {
  line.integer(value);
}
inline void append(report::Line& line, Hex value) noexcept {
  line.hexadecimal(value.value);
}
inline void append(report::Line& line, const Error& error) noexcept {
  line.text(error.text());
}
template <typename Tag, std::unsigned_integral Representation>
void append(report::Line& line, Identity<Tag, Representation> identity) noexcept {
  line.integer(identity.value());
}
inline void append(report::Line& line, Mpidr mpidr) noexcept {
  append(line, hex(mpidr.value()));
}

}  // namespace detail

// log("sent ", count, " events to vCPU ", vcpu): any mix of text, integers, identities, errors and hex().
template <typename... Parts>
void log(const Parts&... parts) noexcept {
  report::Line line = log_line();
  (detail::append(line, parts), ...);
  write_log(line);
}

// The same in printf's way.
[[gnu::format(printf, 1, 2)]] void logf(const char* format, ...) noexcept;

// A line as it is, without time and CPU.
[[gnu::format(printf, 1, 2)]] void print(const char* format, ...) noexcept;

}  // namespace enlighten::runtime
