// SPDX-License-Identifier: MIT
// A list on each vCPU of what takes interrupts there, which are few.
#include <runtime/device_interrupt.hpp>

#include <runtime/log.hpp>

namespace enlighten::runtime {
namespace {

constexpr std::uint32_t first_shared = 32;  // [gic] 2.2.1

}  // namespace

Device_interrupt* Device_interrupt::find(Vcpu& self, Interrupt interrupt) noexcept {
  Device_interrupt* device = self.devices_;
  while (device != nullptr && device->line_.interrupt != interrupt) {
    device = device->next_;
  }
  return device;
}

bool Device_interrupt::take(Vcpu& self, Interrupt interrupt) noexcept {
  Device_interrupt* const device = find(self, interrupt);
  if (device != nullptr) {
    device->on_interrupt();
  }
  return device != nullptr;
}

Result<> Device_interrupt::attach() noexcept {
  Vcpu& self = this_vcpu();
  const Interrupt interrupt = line_.interrupt;
  if (find(self, interrupt) != nullptr) {
    return Error::make(Error_kind::argument, "interrupt %u is taken by another device here", interrupt.value());
  }
  const arch::Gic_cpu& gic = self.gic();
  // Trigger and route may change only while it is off.
  ENLIGHTEN_TRY(gic.disable(interrupt));
  ENLIGHTEN_TRY(gic.set_trigger(
      interrupt, guest::is_edge(line_.trigger) ? arch::Interrupt_trigger::edge : arch::Interrupt_trigger::level));
  if (interrupt.value() >= first_shared) {
    ENLIGHTEN_TRY(gic.route(interrupt, gic.target()));
  }
  next_ = self.devices_;
  self.devices_ = this;
  self.take_device_ = take;
  return gic.enable(interrupt);
}

void Device_interrupt::detach() noexcept {
  Vcpu& self = this_vcpu();
  if (const Result<> disabled = self.gic().disable(line_.interrupt); !disabled) {
    log(disabled.error());
  }
  for (Device_interrupt** link = &self.devices_; *link != nullptr; link = &(*link)->next_) {
    if (*link == this) {
      *link = next_;
      return;
    }
  }
}

}  // namespace enlighten::runtime
