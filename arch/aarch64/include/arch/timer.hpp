// SPDX-License-Identifier: MIT
// This CPU's virtual timer: an interrupt when the counter reaches a deadline.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// CNTV_CTL_EL0 ([arm] D19.12)
enum class Timer_control : std::uint64_t {
  enable = 1U << 0,  // ENABLE   the comparison is made
  mask = 1U << 1,    // IMASK    its outcome does not reach the interrupt controller
  met = 1U << 2,     // ISTATUS  the counter has reached the deadline; only while enabled
};

// Asks for the timer's interrupt once counter() is `deadline` or more, at once if it already is. The interrupt is a
// level: it stays until the next arm_timer() or disarm_timer(), one of which the handler owes before it completes
// it. Xen sets IMASK as it delivers the interrupt and leaves clearing it to the guest, so the control register is
// written anew each time, never assumed. Deadline first: with the old one in place the timer could fire as it is
// enabled. The ISB puts both into effect before a WFI or an interrupt's completion that follows.
inline void arm_timer(std::uint64_t deadline) noexcept {
  asm volatile("msr cntv_cval_el0, %0\n\tmsr cntv_ctl_el0, %1\n\tisb"
               :
               : "r"(deadline), "r"(static_cast<std::uint64_t>(Timer_control::enable))
               : "memory");
}

inline void disarm_timer() noexcept {
  asm volatile("msr cntv_ctl_el0, xzr\n\tisb" : : : "memory");
}

// The timer is armed and its deadline has passed.
[[nodiscard]] inline bool timer_due() noexcept {
  std::uint64_t control;
  asm volatile("isb\n\tmrs %0, cntv_ctl_el0" : "=r"(control) : : "memory");
  constexpr auto due =
      static_cast<std::uint64_t>(Timer_control::enable) | static_cast<std::uint64_t>(Timer_control::met);
  return (control & due) == due;
}

}  // namespace enlighten::arch
