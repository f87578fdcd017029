// SPDX-License-Identifier: MIT
// Reads the receive FIFO of a PL011 ([pl011] 3.3).
#include "uart_input.hpp"

#include <arch/barriers.hpp>
#include <arch/mmio.hpp>

namespace enlighten::runtime {
namespace {

enum class Pl011 : std::uintptr_t {
  data = 0x00,            // UARTDR: character 7:0, framing error 8, parity error 9, break 10, overrun 11
  flags = 0x18,           // UARTFR
  interrupt_mask = 0x38,  // UARTIMSC: 1 lets an interrupt through
};
constexpr std::uint32_t receive_empty = 1U << 4;  // UARTFR.RXFE
constexpr std::uint32_t damaged = 7U << 8;
constexpr std::uint32_t overrun = 1U << 11;
// Of the FIFO's level, and of characters that have waited in it for a while.
constexpr std::uint32_t receive_interrupts = 1U << 4 | 1U << 6;  // RXIM, RTIM

[[nodiscard]] std::uint32_t read_register(std::uintptr_t base, Pl011 which) noexcept {
  return arch::mmio_read32(base + static_cast<std::uintptr_t>(which));
}
void set_interrupts(std::uintptr_t base, std::uint32_t mask) noexcept {
  arch::mmio_write32(base + static_cast<std::uintptr_t>(Pl011::interrupt_mask), mask);
}

}  // namespace

Uart_input::~Uart_input() {
  if (attached_) {
    set_interrupts(base_, 0);
    detach();
  }
}

Result<> Uart_input::start() noexcept {
  set_interrupts(base_, 0);
  ENLIGHTEN_TRY(attach());
  attached_ = true;
  return {};
}

// The mask, and not the flag behind it, takes the line down, as the characters stay where they are. A store to a
// device may be acknowledged on the way ([arm] B2.10.2, nGnRE): it has arrived when a load from the same device
// returns, and that is before the interrupt is completed, by a system register, behind the barrier.
void Uart_input::on_interrupt() noexcept {
  set_interrupts(base_, 0);
  static_cast<void>(read_register(base_, Pl011::interrupt_mask));
  arch::system_barrier();
  signal_.on_event(Port{0});
}

// A character that comes between the last look and the mask is there when the mask is lifted, and then its
// interrupt is.
Result<std::uint32_t> Uart_input::read(std::span<char> to) noexcept {
  std::uint32_t count = 0;
  while (count < to.size() && (read_register(base_, Pl011::flags) & receive_empty) == 0) {
    const std::uint32_t value = read_register(base_, Pl011::data);
    if ((value & overrun) != 0) {
      return Error::make(Error_kind::protocol, "console: the UART has lost characters that nobody read in time");
    }
    if ((value & damaged) == 0) {
      to[count++] = static_cast<char>(value);
    }
  }
  if (count == 0) {
    set_interrupts(base_, receive_interrupts);
  }
  return count;
}

}  // namespace enlighten::runtime
