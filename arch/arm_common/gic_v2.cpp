// SPDX-License-Identifier: MIT
// Start-up and use of GIC version 2.
#include <arch/gic_v2.hpp>

#include <algorithm>

#include <arch/barriers.hpp>

namespace enlighten::arch {

void Gic_v2_distributor::start() const noexcept {
  mmio_write32(address(Register::control), 0);
  // Group registers stay as they are: whoever has a say in security set them, and with none all is in group 0,
  // which the same enable bits forward.
  const std::uint32_t blocks = (interrupt_count() + 31) / 32;
  for (std::uint32_t block = 1; block < blocks; ++block) {
    bank().reset(block);
  }
  mmio_write32(address(Register::control), 1);
}

std::uint32_t Gic_v2_distributor::interrupt_count() const noexcept {
  // 1020 to 1023 are never real.
  return std::min(1020U, 32 * ((mmio_read32(address(Register::type)) & 0x1f) + 1));
}

std::uint8_t Gic_v2_distributor::own_interface() const noexcept {
  for (std::uint32_t four = 0; four < 8; ++four) {
    std::uint32_t bytes = mmio_read32(address(Register::targets) + std::uintptr_t{four} * 4);
    // Some of the first 32 may not exist on this CPU and read as zero; the others all say the same.
    bytes |= bytes >> 16;
    bytes |= bytes >> 8;
    if ((bytes & 0xff) != 0) {
      return static_cast<std::uint8_t>(bytes & 0xff);
    }
  }
  // Where there is one CPU only, the registers read as zero ([gic2] 4.3.12), and SGIs go to interface 0.
  return 1;
}

void Gic_v2_distributor::route(Interrupt shared, std::uint8_t interfaces) const noexcept {
  mmio_write8(address(Register::targets) + shared.value(), interfaces);
}

void Gic_v2_distributor::send(Interrupt software, std::uint8_t interfaces) const noexcept {
  // The target sees what was stored for it before the interrupt: both go through memory, so their order is enough.
  store_order();
  mmio_write32(address(Register::software_interrupt), std::uint32_t{interfaces} << 16 | (software.value() & 0xf));
}

void Gic_v2_interface::start() const noexcept {
  // A CPU that went off in the middle of an interrupt left its priority active, which would hold back all of that
  // priority: ours all have the same.
  for (std::uint32_t word = 0; word < 4; ++word) {
    mmio_write32(address(Register::active_priorities) + std::uintptr_t{word} * 4, 0);
  }
  mmio_write32(address(Register::priority_mask), 0xf0);
  mmio_write32(address(Register::binary_point), 0);
  // EOImode 0: one write ends and deactivates. How interrupts bypass a disabled GIC is the platform's.
  constexpr std::uint32_t bypass = 0xfU << 5;
  mmio_write32(address(Register::control), (mmio_read32(address(Register::control)) & bypass) | 1);
}

}  // namespace enlighten::arch
