// SPDX-License-Identifier: MIT
// What a crash writes to the console, line by line, with nothing of anybody else's in between.
#pragma once

#include <cstdint>

namespace enlighten::runtime::crash_report {

// One CPU after the other; a report within a report ends the guest at once.
void begin(const char* reason) noexcept;
[[gnu::format(printf, 1, 2)]] void write(const char* format, ...) noexcept;
// One line of a backtrace.
void write_place(unsigned number, std::uint64_t address) noexcept;
// From number `first` on, the callers of the function whose frame is `frame`.
void write_callers(unsigned first, std::uint64_t frame) noexcept;
// Waits for other reports that have begun, and ends the guest.
[[noreturn]] void end() noexcept;

// So that a broken chain ends.
inline constexpr unsigned most_frames = 24;

}  // namespace enlighten::runtime::crash_report
