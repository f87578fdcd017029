// SPDX-License-Identifier: MIT
// What the vectors save of the interrupted program, and how a report asks for it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::arch {

// Laid out as vectors.S stores it.
struct Exception_frame {
  std::uint64_t x[31];
  std::uint64_t stack_pointer;
  std::uint64_t return_address;  // ELR_EL1: the instruction that faulted, or the one after it
  std::uint64_t saved_state;     // SPSR_EL1
  std::uint64_t syndrome;        // ESR_EL1
  std::uint64_t fault_address;   // FAR_EL1
  std::uint64_t vector;          // 0 to 15
  std::uint64_t padding;

  static constexpr std::size_t register_count = 31;

  // The vector's two halves: what happened, and where it came from ([arm] D1.3.1).
  [[nodiscard]] const char* kind() const noexcept {
    static constexpr char kinds[][22] = {"synchronous exception", "IRQ", "FIQ", "SError"};
    return kinds[vector & 3];
  }
  [[nodiscard]] const char* origin() const noexcept {
    static constexpr char origins[][29] = {"EL1 on the EL0 stack pointer", "EL1", "EL0", "EL0 in AArch32"};
    return origins[vector >> 2 & 3];
  }
  [[nodiscard]] std::uint64_t frame_pointer() const noexcept { return x[29]; }
  [[nodiscard]] std::uint64_t link_register() const noexcept { return x[30]; }
};

// One frame of the call chain: x29 points to the caller's x29 and the return address ([aapcs64] 6.4.6).
struct Frame_record {
  std::uint64_t caller;
  std::uint64_t return_address;
};

}  // namespace enlighten::arch
