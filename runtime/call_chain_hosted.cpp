// SPDX-License-Identifier: MIT
// The callers of a function on the host, as its C library finds them.
#include <execinfo.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "crash_report.hpp"

namespace enlighten::runtime {

// The first two are this function and the one that reports.
void crash_report::write_callers(unsigned first, std::uint64_t /*frame*/) noexcept {
  constexpr std::size_t reporters = 2;
  std::array<void*, most_frames + reporters> places;
  const auto found = static_cast<std::size_t>(::backtrace(places.data(), static_cast<int>(places.size())));
  for (std::size_t index = reporters; index < found; ++index) {
    // Return addresses point behind the call: one less lies within it.
    write_place(first++, reinterpret_cast<std::uint64_t>(places[index]) - 1);
  }
}

}  // namespace enlighten::runtime
