// SPDX-License-Identifier: MIT
// GIC version 3: a distributor for shared interrupts, a redistributor for each CPU, the CPU interface in system
// registers.
#pragma once

#include <cstdint>

#include <arch/gic_bank.hpp>
#include <arch/gic_description.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>

namespace enlighten::arch {

class Gic_v3_distributor {
 public:
  // [gic] 12.8
  enum class Register : std::uint16_t {
    control = 0x0000,  // GICD_CTLR     RW  see Control
    type = 0x0004,     // GICD_TYPER    RO  ITLinesNumber 4:0: 32 * (N + 1) interrupts
    route = 0x6000,    // GICD_IROUTER  RW  8 bytes each: Aff3 39:32, any CPU 31, Aff2 23:16, Aff1 15:8, Aff0 7:0
  };
  // [gic] 12.9.4. With one security state bits 0, 1 and 4 are EnableGrp0, EnableGrp1 and ARE; seen from the
  // non-secure one of two, EnableGrp1, EnableGrp1A and ARE_NS. All three are right either way: nothing is in group
  // 0.
  enum class Control : std::uint32_t {
    enable = 1U << 0 | 1U << 1,
    affinity_routing = 1U << 4,
    write_pending = 1U << 31,  // RWP
  };

  explicit Gic_v3_distributor(const Gic_description& description) noexcept : base_{description.distributor.base} {}

  // Once on the machine. Everything shared is off afterwards.
  [[nodiscard]] Result<> start() const noexcept;

  [[nodiscard]] std::uint32_t interrupt_count() const noexcept;
  [[nodiscard]] Gic_bank bank() const noexcept { return Gic_bank{base_}; }

  void route(Interrupt shared, Mpidr target) const noexcept;

  // Until what was written before is in effect. Only for disabling and for the control register.
  [[nodiscard]] Result<> wait_for_writes() const noexcept;

 private:
  [[nodiscard]] std::uintptr_t address(Register which) const noexcept {
    return base_ + static_cast<std::uintptr_t>(which);
  }

  std::uintptr_t base_;
};

// Two frames of 64 KiB for each CPU ([gic] 12.10, 12.11): RD_base, then SGI_base with a Gic_bank for 0 to 31; a GIC
// that implements virtual LPIs has two more.
class Gic_v3_redistributor {
 public:
  // [gic] 12.10
  enum class Register : std::uint16_t {
    control = 0x0000,  // GICR_CTLR   RW  RWP 3
    type = 0x0008,     // GICR_TYPER  RO  affinity 63:32, Last 4, VLPIS 1
    wake = 0x0014,     // GICR_WAKER  RW  ChildrenAsleep 2, ProcessorSleep 1
  };

  // The one that belongs to this affinity, among all the regions.
  [[nodiscard]] static Result<Gic_v3_redistributor> find(const Gic_description& description, Mpidr mpidr) noexcept;

  // Each time its CPU comes on, by that CPU.
  [[nodiscard]] Result<> start() const noexcept;

  [[nodiscard]] Gic_bank bank() const noexcept { return Gic_bank{base_ + 0x1'0000}; }
  [[nodiscard]] Result<> wait_for_writes() const noexcept;
  [[nodiscard]] std::uintptr_t base() const noexcept { return base_; }

 private:
  explicit Gic_v3_redistributor(std::uintptr_t base) noexcept : base_{base} {}
  [[nodiscard]] std::uintptr_t address(Register which) const noexcept {
    return base_ + static_cast<std::uintptr_t>(which);
  }

  std::uintptr_t base_;
};

// The CPU interface of the CPU that executes this.
class Gic_v3_interface {
 public:
  // Each time this CPU comes on.
  [[nodiscard]] static Result<> start(Mpidr own) noexcept;

  [[nodiscard]] static std::uint32_t acknowledge() noexcept;
  static void end(std::uint32_t acknowledged) noexcept;
  [[nodiscard]] static std::uint32_t highest_pending() noexcept;
  [[nodiscard]] static constexpr Interrupt interrupt_of(std::uint32_t acknowledged) noexcept {
    return Interrupt{acknowledged & 0xff'ffff};
  }

  // To one CPU.
  static void send(Interrupt software, Mpidr target) noexcept;

  // ICC_SGI1R_EL1 ([gic] 12.2.22): Aff3 55:48, RS 47:44, Aff2 39:32, INTID 27:24, Aff1 23:16, TargetList 15:0, one
  // bit an Aff0 within the sixteen that RS selects.
  [[nodiscard]] static constexpr std::uint64_t software_interrupt(Interrupt software, Mpidr target) noexcept {
    const std::uint64_t affinity = target.value();
    const std::uint64_t aff0 = affinity & 0xff;
    return (affinity >> 32 & 0xff) << 48 | (aff0 / 16) << 44 | (affinity >> 16 & 0xff) << 32 |
           std::uint64_t{software.value() & 0xf} << 24 | (affinity >> 8 & 0xff) << 16 | 1ULL << aff0 % 16;
  }
};

}  // namespace enlighten::arch
