// SPDX-License-Identifier: MIT
// Reads the receive FIFO until it is empty, and only then asks to be interrupted.
#include "pl011_input.hpp"

#include <arch/barriers.hpp>

#include "pl011.hpp"

namespace enlighten::runtime {

using pl011::Register;

// The mask, and not the flag behind it, takes the line down, as the characters stay where they are. A store to a
// device may be acknowledged on the way ([arm] B2.10.2, nGnRE): it has arrived when a load from the same device
// returns, and that is before the interrupt is completed, by a system register, behind the barrier.
void Pl011_input::hold_interrupts() noexcept {
  pl011::write(base_, Register::interrupt_mask, 0);
  static_cast<void>(pl011::read(base_, Register::interrupt_mask));
  arch::system_barrier();
}

// A character that comes between the last look and the mask is there when the mask is lifted, and then its
// interrupt is. What was lost stood before the character that says so, which is whole.
Result<std::uint32_t> Pl011_input::read(std::span<char> to) noexcept {
  std::uint32_t count = 0;
  if (after_loss_ && has_told_loss_) {
    to[count++] = *after_loss_;
    after_loss_.reset();
  }
  while (!after_loss_ && count < to.size() && (pl011::read(base_, Register::flags) & pl011::receive_empty) == 0) {
    const std::uint32_t value = pl011::read(base_, Register::data);
    if ((value & pl011::overrun) != 0) {
      after_loss_ = static_cast<char>(value);
      has_told_loss_ = false;
    } else if ((value & pl011::damaged) == 0) {
      to[count++] = static_cast<char>(value);
    }
  }
  if (count == 0 && after_loss_) {
    has_told_loss_ = true;
    return Error::make(Error_kind::protocol, "console: the UART has lost characters that nobody read in time");
  }
  if (count == 0) {
    pl011::write(base_, Register::interrupt_mask, pl011::receive_interrupts);
  }
  return count;
}

}  // namespace enlighten::runtime
