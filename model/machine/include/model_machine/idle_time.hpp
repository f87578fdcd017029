// SPDX-License-Identifier: MIT
// How the model's time passes while nobody does anything: to the next timer, or ever further.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <model_machine/model_vcpu.hpp>

namespace enlighten::model_machine {

// A guest that asks again and again until its patience ends, be that half a minute, is soon there; and what has
// waited for as long as nobody's patience lasts waits for ever.
class Idle_time {
 public:
  // By how much time is to go on, in nanoseconds, when nobody has anything to do before a timer at `next_timer`;
  // nothing if that has not helped for long enough.
  [[nodiscard]] std::optional<std::uint64_t> next(std::uint64_t now, std::uint64_t next_timer) {
    const bool timer_ahead = next_timer != Model_vcpu::no_timer && next_timer > now;
    if (step_ > longest_step) {
      return timer_ahead ? std::optional{next_timer - now} : std::nullopt;
    }
    const std::uint64_t step = step_;
    step_ *= 2;
    return timer_ahead ? std::min(step, next_timer - now) : step;
  }
  // Somebody did something.
  void reset() { step_ = first_step; }

 private:
  static constexpr std::uint64_t first_step = 100'000;
  // Half of the longest patience: some two hours.
  static constexpr std::uint64_t longest_step = std::uint64_t{1} << 42;

  std::uint64_t step_ = first_step;
};

}  // namespace enlighten::model_machine
