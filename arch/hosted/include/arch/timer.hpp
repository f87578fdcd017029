// SPDX-License-Identifier: MIT
// The virtual timer of the vCPU that the current thread plays.
#pragma once

#include <cstdint>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch {

inline void arm_timer(std::uint64_t deadline) noexcept {
  hosted::current_machine("arm_timer").arm_timer(deadline);
}
inline void disarm_timer() noexcept {
  hosted::current_machine("disarm_timer").disarm_timer();
}
[[nodiscard]] inline bool timer_due() noexcept {
  return hosted::current_machine("timer_due").timer_due();
}

}  // namespace enlighten::arch
