// SPDX-License-Identifier: MIT
// What this runtime uses of a PL011's registers, which the UART that Xen plays for a domain has as well.
#pragma once

#include <cstdint>

#include <arch/mmio.hpp>

namespace enlighten::runtime::pl011 {

// Bytes from its base ([pl011] 3.2).
enum class Register : std::uintptr_t {
  data = 0x00,   // UARTDR: character 7:0; of one received: framing error 8, parity error 9, break 10, overrun 11
  flags = 0x18,  // UARTFR
  interrupt_mask = 0x38,  // UARTIMSC: 1 lets an interrupt through
};
// UARTDR
inline constexpr std::uint32_t damaged = 7U << 8;
inline constexpr std::uint32_t overrun = 1U << 11;
// UARTFR
inline constexpr std::uint32_t receive_empty = 1U << 4;  // RXFE
inline constexpr std::uint32_t transmit_full = 1U << 5;  // TXFF
// UARTIMSC: of the receive FIFO's level, and of characters that have waited in it for a while.
inline constexpr std::uint32_t receive_interrupts = 1U << 4 | 1U << 6;  // RXIM, RTIM

[[nodiscard]] inline std::uint32_t read(std::uintptr_t base, Register which) noexcept {
  return arch::mmio_read32(base + static_cast<std::uintptr_t>(which));
}
inline void write(std::uintptr_t base, Register which, std::uint32_t value) noexcept {
  arch::mmio_write32(base + static_cast<std::uintptr_t>(which), value);
}

}  // namespace enlighten::runtime::pl011
