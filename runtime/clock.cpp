// SPDX-License-Identifier: MIT
// Converts between counts of the architected counter and nanoseconds.
#include <runtime/clock.hpp>

#include <arch/counter.hpp>

namespace enlighten::runtime {
namespace {

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;

constinit std::uint64_t frequency = 1;
constinit std::uint64_t start = 0;

}  // namespace

// Firmware that left CNTFRQ_EL0 at zero makes seconds of single counts until the device tree says better.
void start_clock(std::uint64_t hertz) noexcept {
  frequency = hertz == 0 ? 1 : hertz;
  start = arch::counter();
}

void set_clock_frequency(std::uint64_t hertz) noexcept {
  frequency = hertz;
}
std::uint64_t counter_hertz() noexcept {
  return frequency;
}

// Whole seconds and their rest apart: the product of neither with a thousand million overflows.
Clock::time_point Clock::now() noexcept {
  const std::uint64_t count = arch::counter() - start;
  const std::uint64_t nanoseconds =
      count / frequency * nanoseconds_per_second + count % frequency * nanoseconds_per_second / frequency;
  return time_point{duration{static_cast<rep>(nanoseconds)}};
}

std::uint64_t Clock::counter_at(time_point when) noexcept {
  if (when.time_since_epoch().count() <= 0) {
    return start;
  }
  const auto nanoseconds = static_cast<std::uint64_t>(when.time_since_epoch().count());
  const std::uint64_t rest = nanoseconds % nanoseconds_per_second * frequency;
  return start + nanoseconds / nanoseconds_per_second * frequency +
         (rest + nanoseconds_per_second - 1) / nanoseconds_per_second;
}

}  // namespace enlighten::runtime
