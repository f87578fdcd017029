// SPDX-License-Identifier: MIT
// Device registers of the machine that the current thread runs on.
#pragma once

#include <cstdint>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch {

[[nodiscard]] inline std::uint32_t mmio_read32(std::uintptr_t address) noexcept {
  return hosted::current_machine("mmio_read32").mmio_read32(address);
}
inline void mmio_write32(std::uintptr_t address, std::uint32_t value) noexcept {
  hosted::current_machine("mmio_write32").mmio_write32(address, value);
}
inline void mmio_write8(std::uintptr_t address, std::uint8_t value) noexcept {
  hosted::current_machine("mmio_write8").mmio_write8(address, value);
}

}  // namespace enlighten::arch
