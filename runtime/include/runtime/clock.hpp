// SPDX-License-Identifier: MIT
// Time: a monotonic clock from the architected counter, the same on every CPU.
#pragma once

#include <chrono>
#include <cstdint>

namespace enlighten::runtime {

// Meets the standard's Clock requirements; its epoch is the guest's own start. Since the counter was zero when Xen
// created the domain or the machine was reset, neither is ever negative.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;

  [[nodiscard]] static time_point now() noexcept;

  // What the virtual timer compares with. Rounds up: a timer never fires before its time.
  [[nodiscard]] static std::uint64_t counter_at(time_point when) noexcept;
};

using Instant = Clock::time_point;
using Duration = Clock::duration;

[[nodiscard]] inline Duration since_start() noexcept {
  return Clock::now().time_since_epoch();
}

// Called once, before the clock is used; and again when a machine's description knows better. In hertz.
void start_clock(std::uint64_t hertz) noexcept;
void set_clock_frequency(std::uint64_t hertz) noexcept;
[[nodiscard]] std::uint64_t counter_hertz() noexcept;

}  // namespace enlighten::runtime
