// SPDX-License-Identifier: MIT
// The registers that configure interrupts: in the distributor, and at the same offsets in a redistributor's SGI
// frame.
#pragma once

#include <cstdint>

#include <arch/mmio.hpp>
#include <base/ids.hpp>

namespace enlighten::arch {

// How a line makes its interrupt pending.
enum class Interrupt_trigger : std::uint8_t { level, edge };

// [gic] 12.8 GICD_*, 12.10 GICR_* of the SGI_base frame. In version 3 the distributor has those from interrupt 32
// on and the SGI frame those below; in version 2 the distributor has all, those below 32 once for each CPU at one
// address.
class Gic_bank {
 public:
  enum class Register : std::uint16_t {
    group = 0x080,          // IGROUPR     RW   a bit each: 1 is group 1
    set_enable = 0x100,     // ISENABLER   W1S  a bit each
    clear_enable = 0x180,   // ICENABLER   W1C  a bit each
    set_pending = 0x200,    // ISPENDR     W1S  a bit each
    set_active = 0x300,     // ISACTIVER   W1S  a bit each
    clear_active = 0x380,   // ICACTIVER   W1C  a bit each
    priority = 0x400,       // IPRIORITYR  RW   a byte each, 0 the most urgent
    configuration = 0xc00,  // ICFGR       RW   two bits each, the upper one 1 for edge
  };

  // One priority for everything: what is more urgent than what is decided above the GIC.
  static constexpr std::uint8_t default_priority = 0xa0;

  constexpr explicit Gic_bank(std::uintptr_t base) noexcept : base_{base} {}

  void enable(Interrupt interrupt) const noexcept { write(Register::set_enable, word(interrupt), bit(interrupt)); }
  // In effect for certain only once the controller says that register writes have propagated.
  void disable(Interrupt interrupt) const noexcept {
    write(Register::clear_enable, word(interrupt), bit(interrupt));
  }
  [[nodiscard]] bool enabled(Interrupt interrupt) const noexcept {
    return (read(Register::set_enable, word(interrupt)) & bit(interrupt)) != 0;
  }
  [[nodiscard]] bool pending(Interrupt interrupt) const noexcept {
    return (read(Register::set_pending, word(interrupt)) & bit(interrupt)) != 0;
  }

  // Only while disabled ([gic] GICD_ICFGR: else the outcome is unpredictable). A read-modify-write of a register
  // that sixteen interrupts share: one CPU at a time.
  void set_trigger(Interrupt interrupt, Interrupt_trigger trigger) const noexcept {
    const std::uint32_t edge = 2U << (interrupt.value() % 16 * 2);
    const std::uint32_t before = read(Register::configuration, interrupt.value() / 16);
    const std::uint32_t after = trigger == Interrupt_trigger::edge ? before | edge : before & ~edge;
    if (after != before) {
      write(Register::configuration, interrupt.value() / 16, after);
    }
  }

  // 32 interrupts from 32 * `block` on: disabled, not active, of the default priority. Who was here before, on this
  // machine or on this CPU, may have left any of it behind; what is pending stays, it may be news.
  // Xen logs each write of ICACTIVER, and reads as zero what it cannot write, so it is written only where need be.
  void reset(std::uint32_t block) const noexcept {
    write(Register::clear_enable, block, ~0U);
    if (read(Register::set_active, block) != 0) {
      write(Register::clear_active, block, ~0U);
    }
    for (std::uint32_t four = 0; four < 8; ++four) {
      write(Register::priority, block * 8 + four, default_priority * 0x0101'0101U);
    }
  }

  void all_in_group_1(std::uint32_t block) const noexcept { write(Register::group, block, ~0U); }

 private:
  [[nodiscard]] static constexpr std::uint32_t word(Interrupt interrupt) noexcept { return interrupt.value() / 32; }
  [[nodiscard]] static constexpr std::uint32_t bit(Interrupt interrupt) noexcept {
    return 1U << interrupt.value() % 32;
  }
  [[nodiscard]] std::uintptr_t address(Register which, std::uint32_t index) const noexcept {
    return base_ + static_cast<std::uintptr_t>(which) + std::uintptr_t{index} * 4;
  }
  [[nodiscard]] std::uint32_t read(Register which, std::uint32_t index) const noexcept {
    return mmio_read32(address(which, index));
  }
  void write(Register which, std::uint32_t index, std::uint32_t value) const noexcept {
    mmio_write32(address(which, index), value);
  }

  std::uintptr_t base_;
};

}  // namespace enlighten::arch
