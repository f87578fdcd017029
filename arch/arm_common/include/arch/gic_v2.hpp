// SPDX-License-Identifier: MIT
// GIC version 2: a distributor that knows up to eight CPU interfaces by number, and the interfaces as device
// registers.
#pragma once

#include <cstdint>

#include <arch/gic_bank.hpp>
#include <arch/gic_description.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>

namespace enlighten::arch {

class Gic_v2_distributor {
 public:
  // [gic2] 4.3
  enum class Register : std::uint16_t {
    control = 0x000,             // GICD_CTLR       RW  Enable 0
    type = 0x004,                // GICD_TYPER      RO  ITLinesNumber 4:0: 32 * (N + 1) interrupts
    targets = 0x800,             // GICD_ITARGETSR  RW  a byte each: CPU interfaces; 0 to 31 RO, the reader's own
    software_interrupt = 0xf00,  // GICD_SGIR       WO  TargetListFilter 25:24, CPUTargetList 23:16, SGIINTID 3:0
  };

  explicit Gic_v2_distributor(const Gic_description& description) noexcept : base_{description.distributor.base} {}

  // Once on the machine. Everything shared is off afterwards.
  void start() const noexcept;

  [[nodiscard]] std::uint32_t interrupt_count() const noexcept;
  [[nodiscard]] Gic_bank bank() const noexcept { return Gic_bank{base_}; }

  // The reader's own CPU interface, as the one bit of it.
  [[nodiscard]] std::uint8_t own_interface() const noexcept;

  void route(Interrupt shared, std::uint8_t interfaces) const noexcept;
  void send(Interrupt software, std::uint8_t interfaces) const noexcept;

 private:
  [[nodiscard]] std::uintptr_t address(Register which) const noexcept {
    return base_ + static_cast<std::uintptr_t>(which);
  }

  std::uintptr_t base_;
};

class Gic_v2_interface {
 public:
  // [gic2] 4.4
  enum class Register : std::uint16_t {
    control = 0x000,            // GICC_CTLR   RW  Enable 0, bypass 8:5, EOImode 9
    priority_mask = 0x004,      // GICC_PMR    RW  only priorities numerically below it interrupt
    binary_point = 0x008,       // GICC_BPR    RW
    acknowledge = 0x00c,        // GICC_IAR    RO  CPUID 12:10, INTID 9:0; reading acknowledges
    end = 0x010,                // GICC_EOIR   WO  what IAR gave, CPUID and all
    highest_pending = 0x018,    // GICC_HPPIR  RO  as IAR; reading changes nothing
    active_priorities = 0x0d0,  // GICC_APR    RW  four words
  };

  explicit Gic_v2_interface(const Gic_description& description) noexcept : base_{description.cpu_interface.base} {}

  // Each time this CPU comes on.
  void start() const noexcept;

  [[nodiscard]] std::uint32_t acknowledge() const noexcept { return mmio_read32(address(Register::acknowledge)); }
  void end(std::uint32_t acknowledged) const noexcept { mmio_write32(address(Register::end), acknowledged); }
  [[nodiscard]] std::uint32_t highest_pending() const noexcept {
    return mmio_read32(address(Register::highest_pending));
  }
  [[nodiscard]] static constexpr Interrupt interrupt_of(std::uint32_t acknowledged) noexcept {
    return Interrupt{acknowledged & 0x3ff};
  }

 private:
  [[nodiscard]] std::uintptr_t address(Register which) const noexcept {
    return base_ + static_cast<std::uintptr_t>(which);
  }

  std::uintptr_t base_;
};

}  // namespace enlighten::arch
