// SPDX-License-Identifier: MIT
// The GICv3 CPU interface of this CPU.
#pragma once

#include <cstdint>

#include <arch/gic_system_register.hpp>

namespace enlighten::arch {

// Names of registers by their encoding S3_op1_CRn_CRm_op2 ([gic] 12.2), which every assembler knows.
// "memory" on each: an acknowledge starts a handler and an end gives its data back, so the handler's accesses stay
// between the two.

template <Gic_system_register which>
[[nodiscard]] inline std::uint64_t read_gic() noexcept {
  using enum Gic_system_register;
  std::uint64_t value;
  if constexpr (which == acknowledge) {
    // The DSB: the acknowledge has reached the distributor before the handler touches the device, which could lower
    // its line before the distributor has looked ([gic] 4.1.1).
    asm volatile("mrs %0, s3_0_c12_c12_0\n\tdsb sy" : "=r"(value) : : "memory");
  } else if constexpr (which == highest_pending) {
    asm volatile("mrs %0, s3_0_c12_c12_2" : "=r"(value) : : "memory");
  } else if constexpr (which == control) {
    asm volatile("mrs %0, s3_0_c12_c12_4" : "=r"(value) : : "memory");
  } else {
    static_assert(which == system_registers, "this register is never read");
    asm volatile("mrs %0, s3_0_c12_c12_5" : "=r"(value) : : "memory");
  }
  return value;
}

// The ISB: the write is in effect before what follows. For `end` that is the next acknowledge; for
// `software_interrupt` without it the interrupt may leave any time later, a WFI notwithstanding.
template <Gic_system_register which>
inline void write_gic(std::uint64_t value) noexcept {
  using enum Gic_system_register;
  if constexpr (which == end) {
    asm volatile("msr s3_0_c12_c12_1, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == priority_mask) {
    asm volatile("msr s3_0_c4_c6_0, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == binary_point) {
    asm volatile("msr s3_0_c12_c12_3, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == active_priorities_0) {
    asm volatile("msr s3_0_c12_c9_0, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == active_priorities_1) {
    asm volatile("msr s3_0_c12_c9_1, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == active_priorities_2) {
    asm volatile("msr s3_0_c12_c9_2, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == active_priorities_3) {
    asm volatile("msr s3_0_c12_c9_3, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == control) {
    asm volatile("msr s3_0_c12_c12_4, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == system_registers) {
    asm volatile("msr s3_0_c12_c12_5, %0\n\tisb" : : "r"(value) : "memory");
  } else if constexpr (which == group_enable) {
    asm volatile("msr s3_0_c12_c12_7, %0\n\tisb" : : "r"(value) : "memory");
  } else {
    static_assert(which == software_interrupt, "this register is never written");
    asm volatile("msr s3_0_c12_c11_5, %0\n\tisb" : : "r"(value) : "memory");
  }
}

}  // namespace enlighten::arch
