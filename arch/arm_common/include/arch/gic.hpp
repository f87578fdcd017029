// SPDX-License-Identifier: MIT
// The interrupt controller, version 2 or 3 as found at run time: Xen's virtual one or a real one.
#pragma once

#include <cstdint>
#include <optional>

#include <arch/gic_bank.hpp>
#include <arch/gic_description.hpp>
#include <arch/gic_v2.hpp>
#include <arch/gic_v3.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>

namespace enlighten::arch {

// A CPU as the destination of interrupts. Each CPU learns its own from its Gic_cpu and tells the others: version 2
// numbers its CPU interfaces as it pleases, and only the CPU itself can ask for its number.
struct Interrupt_target {
  Mpidr affinity;                    // version 3
  std::uint8_t version_2_interface;  // version 2: one bit
};

// An interrupt that was acknowledged and is owed a completion.
class [[nodiscard]] Acknowledged_interrupt {
 public:
  Acknowledged_interrupt(Interrupt interrupt, std::uint32_t raw) noexcept : interrupt_{interrupt}, raw_{raw} {}

  [[nodiscard]] Interrupt interrupt() const noexcept { return interrupt_; }
  // What the controller gave and wants back: in version 2 an SGI carries its sender.
  [[nodiscard]] std::uint32_t raw() const noexcept { return raw_; }

 private:
  Interrupt interrupt_;
  std::uint32_t raw_;
};

// What a CPU has to do with the controller. Made by that CPU, used on it; gone when it goes off.
class Gic_cpu {
 public:
  [[nodiscard]] Interrupt_target target() const noexcept { return target_; }

  // An SGI or PPI of this CPU's, or an SPI, which goes to its route. Interrupts are off until enabled.
  [[nodiscard]] Result<> enable(Interrupt interrupt) const noexcept;
  // When this returns the interrupt is not forwarded any more; one that was is still to be acknowledged.
  [[nodiscard]] Result<> disable(Interrupt interrupt) const noexcept;
  // Of a PPI or SPI; off meanwhile. One CPU at a time: sixteen interrupts share a register.
  [[nodiscard]] Result<> set_trigger(Interrupt interrupt, Interrupt_trigger trigger) const noexcept;
  // Which CPU an SPI goes to; before it is enabled.
  [[nodiscard]] Result<> route(Interrupt interrupt, Interrupt_target target) const noexcept;
  // As the distributor's registers say: Xen's read as zero whatever is pending, see highest_pending().
  [[nodiscard]] Result<bool> is_pending(Interrupt interrupt) const noexcept;

  // The most urgent interrupt for this CPU, now active; none where there is none (1020 to 1023, [gic] 2.2.1).
  [[nodiscard]] std::optional<Acknowledged_interrupt> acknowledge() const noexcept;
  // The interrupt may come again. Its level is down by now, and that has taken effect, or it comes at once.
  void complete(Acknowledged_interrupt acknowledged) const noexcept;
  // What acknowledge() would give.
  [[nodiscard]] std::optional<Interrupt> highest_pending() const noexcept;

  // SGI 0 to 15 to one CPU, this one included. What was stored before is visible to who takes it.
  [[nodiscard]] Result<> send_sgi(Interrupt software, Interrupt_target target) const noexcept;

 private:
  friend class Gic;
  Gic_cpu(const Gic_description& description, Interrupt_target target, Gic_bank own,
          std::optional<Gic_v3_redistributor> redistributor, std::uint32_t interrupt_count) noexcept
      : description_{&description},
        target_{target},
        own_{own},
        redistributor_{redistributor},
        interrupt_count_{interrupt_count} {}

  [[nodiscard]] bool is_v2() const noexcept { return description_->version == Gic_version::v2; }
  [[nodiscard]] Gic_bank bank_of(Interrupt interrupt) const noexcept;
  [[nodiscard]] Result<> check(Interrupt interrupt, const char* action) const noexcept;
  [[nodiscard]] Result<> wait_for_writes(Interrupt interrupt) const noexcept;
  [[nodiscard]] std::optional<Interrupt> real(Interrupt interrupt) const noexcept;

  const Gic_description* description_;
  Interrupt_target target_;
  Gic_bank own_;
  std::optional<Gic_v3_redistributor> redistributor_;
  std::uint32_t interrupt_count_;
};

class Gic {
 public:
  // Brings the distributor to a known state, on one CPU, once for each time the machine is taken over.
  [[nodiscard]] static Result<Gic> start(const Gic_description& description) noexcept;

  // Brings the calling CPU's part to a known state: all its SGIs and PPIs off, nothing active. Each time it comes
  // on, since Xen and firmware may keep what its previous life left. `this` outlives the result.
  [[nodiscard]] Result<Gic_cpu> start_cpu() const noexcept;

  [[nodiscard]] Gic_version version() const noexcept { return description_.version; }
  [[nodiscard]] const Gic_description& description() const noexcept { return description_; }
  // Interrupts are numbered below this.
  [[nodiscard]] std::uint32_t interrupt_count() const noexcept { return interrupt_count_; }

 private:
  Gic(const Gic_description& description, std::uint32_t interrupt_count) noexcept
      : description_{description}, interrupt_count_{interrupt_count} {}

  Gic_description description_;
  std::uint32_t interrupt_count_;
};

}  // namespace enlighten::arch
