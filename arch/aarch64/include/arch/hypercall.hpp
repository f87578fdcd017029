// SPDX-License-Identifier: MIT
// A call to Xen.
#pragma once

#include <cstdint>

#include <abi/hypercall.hpp>

namespace enlighten::arch {

// [xen] arch-arm.h "Hypercall Calling Convention": number in x16, arguments in x0 to x4, result in x0, HVC with
// abi::hypercall_tag. x16 and the registers of the arguments that the operation takes are lost: how many it takes
// is not ours to know, so all five are. "memory": operations read and write structures of ours, and an event that
// is sent publishes what was stored before it. Argument pointers are translated by this CPU's stage 1 as it is now,
// and must lead to Normal write-back memory. Zero or positive is success; negative is an errno of Xen's ([xen]
// errno.h), never this C library's.
inline std::int64_t hypercall(abi::Hypercall number, std::uint64_t a0 = 0, std::uint64_t a1 = 0,
                              std::uint64_t a2 = 0, std::uint64_t a3 = 0, std::uint64_t a4 = 0) noexcept {
  register std::uint64_t x0 asm("x0") = a0;
  register std::uint64_t x1 asm("x1") = a1;
  register std::uint64_t x2 asm("x2") = a2;
  register std::uint64_t x3 asm("x3") = a3;
  register std::uint64_t x4 asm("x4") = a4;
  register std::uint64_t x16 asm("x16") = static_cast<std::uint64_t>(number);
  asm volatile("hvc #%c[tag]"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x16)
               : [tag] "i"(abi::hypercall_tag)
               : "cc", "memory");
  return static_cast<std::int64_t>(x0);
}

}  // namespace enlighten::arch
