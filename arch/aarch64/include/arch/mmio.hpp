// SPDX-License-Identifier: MIT
// Access to device registers.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// Assembly and not a volatile pointer: a hypervisor that emulates the device sees the access only as a syndrome,
// and for pairs, writeback addressing and vector registers the syndrome is not valid ([arm] ESR_EL2.ISV), so Xen
// injects an abort instead. A compiler may choose any of those for a volatile access; these it cannot change.
// Device-nGnRE accesses to one device stay in order among themselves. Against Normal memory nothing is ordered but
// the compiler: see barriers.hpp.

[[nodiscard]] inline std::uint32_t mmio_read32(std::uintptr_t address) noexcept {
  std::uint32_t value;
  asm volatile("ldr %w0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}

inline void mmio_write32(std::uintptr_t address, std::uint32_t value) noexcept {
  asm volatile("str %w0, [%1]" : : "rZ"(value), "r"(address) : "memory");
}

inline void mmio_write8(std::uintptr_t address, std::uint8_t value) noexcept {
  asm volatile("strb %w0, [%1]" : : "rZ"(value), "r"(address) : "memory");
}

}  // namespace enlighten::arch
