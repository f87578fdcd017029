// SPDX-License-Identifier: MIT
// The virtual counter: the same for all CPUs of a guest, never stepping back.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// The count now. Without the ISB the read may be done early, out of program order ([arm] D11.2.1, CNTVCT_EL0): a
// count taken after a message arrived could then be smaller than the one the sender put into it. "memory" keeps the
// compiler from moving the accesses that are being timed.
[[nodiscard]] inline std::uint64_t counter() noexcept {
  std::uint64_t count;
  asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count) : : "memory");
  return count;
}

// Counts per second as firmware declared them; a device tree's clock-frequency overrides a firmware that forgot.
[[nodiscard]] inline std::uint64_t counter_frequency() noexcept {
  std::uint64_t hertz;
  asm("mrs %0, cntfrq_el0" : "=r"(hertz));
  return hertz;
}

}  // namespace enlighten::arch
