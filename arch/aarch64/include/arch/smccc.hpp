// SPDX-License-Identifier: MIT
// A call by the SMC Calling Convention, to firmware or to the hypervisor in its place.
#pragma once

#include <cstdint>

#include <arch/conduit.hpp>

namespace enlighten::arch {

// [smccc] 2.6, 3.1: x0 to x3 carry results; 1.1 preserves x4 to x17, 1.0 does not, and which one answers is not
// known before the first call has been made, so they count as lost. x18 to x30 and the stack pointer survive by
// either. The flags are not promised. "memory": CPU_ON publishes everything stored before it to the new CPU, and a
// call may write buffers. Without it the compiler may sink the stores that a secondary starts from below the call
// that starts it.
inline Smccc_result smccc(Conduit conduit, std::uint32_t function, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                          std::uint64_t a3 = 0) noexcept {
  register std::uint64_t x0 asm("x0") = function;
  register std::uint64_t x1 asm("x1") = a1;
  register std::uint64_t x2 asm("x2") = a2;
  register std::uint64_t x3 asm("x3") = a3;
  if (conduit == Conduit::hvc) {
    asm volatile("hvc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                 :
                 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "cc",
                   "memory");
  } else {
    asm volatile("smc #0"
                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                 :
                 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "cc",
                   "memory");
  }
  return {x0, x1, x2, x3};
}

}  // namespace enlighten::arch
