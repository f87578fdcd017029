// SPDX-License-Identifier: MIT
// One face for both versions of the interrupt controller.
#include <arch/gic.hpp>

#include <arch/processor.hpp>

namespace enlighten::arch {
namespace {

constexpr std::uint32_t first_peripheral = 16;
constexpr std::uint32_t first_shared = 32;
constexpr std::uint32_t first_special = 1020;

}  // namespace

Result<Gic> Gic::start(const Gic_description& description) noexcept {
  if (description.version == Gic_version::v2) {
    const Gic_v2_distributor distributor{description};
    distributor.start();
    return Gic{description, distributor.interrupt_count()};
  }
  const Gic_v3_distributor distributor{description};
  ENLIGHTEN_TRY(distributor.start());
  return Gic{description, distributor.interrupt_count()};
}

Result<Gic_cpu> Gic::start_cpu() const noexcept {
  const Mpidr own = current_mpidr();
  if (description_.version == Gic_version::v2) {
    const Gic_v2_distributor distributor{description_};
    distributor.bank().reset(0);
    Gic_v2_interface{description_}.start();
    return Gic_cpu{
        description_, {own, distributor.own_interface()}, distributor.bank(), std::nullopt, interrupt_count_};
  }
  const Gic_v3_redistributor redistributor = ENLIGHTEN_TRY(Gic_v3_redistributor::find(description_, own));
  ENLIGHTEN_TRY(redistributor.start());
  ENLIGHTEN_TRY(Gic_v3_interface::start(own));
  return Gic_cpu{description_, {own, 0}, redistributor.bank(), redistributor, interrupt_count_};
}

Gic_bank Gic_cpu::bank_of(Interrupt interrupt) const noexcept {
  return interrupt.value() < first_shared ? own_ : Gic_bank{description_->distributor.base};
}

Result<> Gic_cpu::check(Interrupt interrupt, const char* action) const noexcept {
  if (interrupt.value() < interrupt_count_) {
    return {};
  }
  return Error::make(Error_kind::argument, "cannot %s interrupt %u: this GIC has %u", action, interrupt.value(),
                     interrupt_count_);
}

Result<> Gic_cpu::wait_for_writes(Interrupt interrupt) const noexcept {
  if (!redistributor_) {
    return {};
  }
  return interrupt.value() < first_shared ? redistributor_->wait_for_writes()
                                          : Gic_v3_distributor{*description_}.wait_for_writes();
}

Result<> Gic_cpu::enable(Interrupt interrupt) const noexcept {
  ENLIGHTEN_TRY(check(interrupt, "enable"));
  bank_of(interrupt).enable(interrupt);
  return {};
}

Result<> Gic_cpu::disable(Interrupt interrupt) const noexcept {
  ENLIGHTEN_TRY(check(interrupt, "disable"));
  bank_of(interrupt).disable(interrupt);
  return wait_for_writes(interrupt);
}

Result<> Gic_cpu::set_trigger(Interrupt interrupt, Interrupt_trigger trigger) const noexcept {
  ENLIGHTEN_TRY(check(interrupt, "set the trigger of"));
  if (interrupt.value() < first_peripheral) {
    return Error::make(Error_kind::argument, "cannot set the trigger of SGI %u: it has none", interrupt.value());
  }
  const Gic_bank bank = bank_of(interrupt);
  const bool was_enabled = bank.enabled(interrupt);
  if (was_enabled) {
    ENLIGHTEN_TRY(disable(interrupt));
  }
  bank.set_trigger(interrupt, trigger);
  if (was_enabled) {
    bank.enable(interrupt);
  }
  return {};
}

Result<> Gic_cpu::route(Interrupt interrupt, Interrupt_target target) const noexcept {
  ENLIGHTEN_TRY(check(interrupt, "route"));
  if (interrupt.value() < first_shared) {
    return Error::make(Error_kind::argument, "cannot route interrupt %u: each CPU has one of its own",
                       interrupt.value());
  }
  if (is_v2()) {
    Gic_v2_distributor{*description_}.route(interrupt, target.version_2_interface);
  } else {
    Gic_v3_distributor{*description_}.route(interrupt, target.affinity);
  }
  return {};
}

Result<bool> Gic_cpu::is_pending(Interrupt interrupt) const noexcept {
  ENLIGHTEN_TRY(check(interrupt, "look at"));
  return bank_of(interrupt).pending(interrupt);
}

std::optional<Interrupt> Gic_cpu::real(Interrupt interrupt) const noexcept {
  // LPIs, numbered from 8192, are never set up.
  return interrupt.value() < first_special ? std::optional{interrupt} : std::nullopt;
}

std::optional<Acknowledged_interrupt> Gic_cpu::acknowledge() const noexcept {
  const std::uint32_t raw =
      is_v2() ? Gic_v2_interface{*description_}.acknowledge() : Gic_v3_interface::acknowledge();
  const Interrupt interrupt = is_v2() ? Gic_v2_interface::interrupt_of(raw) : Gic_v3_interface::interrupt_of(raw);
  if (!real(interrupt)) {
    return std::nullopt;
  }
  return Acknowledged_interrupt{interrupt, raw};
}

void Gic_cpu::complete(Acknowledged_interrupt acknowledged) const noexcept {
  if (is_v2()) {
    Gic_v2_interface{*description_}.end(acknowledged.raw());
  } else {
    Gic_v3_interface::end(acknowledged.raw());
  }
}

std::optional<Interrupt> Gic_cpu::highest_pending() const noexcept {
  return real(is_v2() ? Gic_v2_interface::interrupt_of(Gic_v2_interface{*description_}.highest_pending())
                      : Gic_v3_interface::interrupt_of(Gic_v3_interface::highest_pending()));
}

Result<> Gic_cpu::send_sgi(Interrupt software, Interrupt_target target) const noexcept {
  if (software.value() >= first_peripheral) {
    return Error::make(Error_kind::argument, "cannot send interrupt %u: only SGIs 0 to 15 can be",
                       software.value());
  }
  if (is_v2()) {
    Gic_v2_distributor{*description_}.send(software, target.version_2_interface);
  } else {
    Gic_v3_interface::send(software, target.affinity);
  }
  return {};
}

}  // namespace enlighten::arch
