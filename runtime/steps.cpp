// SPDX-License-Identifier: MIT
// What happens on a CPU between its first instruction in C++ and "online", and on its way back.
#include <runtime/steps.hpp>

#include <arch/counter.hpp>
#include <arch/processor.hpp>
#include <arch/timer.hpp>
#include <runtime/guest.hpp>
#include <runtime/log.hpp>

namespace enlighten::runtime {
namespace {

void log_failure(const Result<>& result) noexcept {
  if (!result) {
    log(result.error());
  }
}

}  // namespace

Result<> Steps::start(Guest& guest, guest::Starting_context& context) noexcept {
  return guest::Bringup::run_steps<all>(guest, context);
}

Result<> Steps::start_interrupts(Guest& guest, guest::Starting_context& context) noexcept {
  arch::start_event_stream(arch::counter_frequency());
  Vcpu& self = guest.vcpu(context.cpu());
  self.gic_.emplace(ENLIGHTEN_TRY(guest.gic_->start_cpu()));
  if (guest.upcall_) {
    ENLIGHTEN_TRY(self.gic_->enable(*guest.upcall_));
  }
  return self.gic_->enable(Vcpu::wake_sgi);
}

void Steps::stop_interrupts(Guest& guest, Cpu self) noexcept {
  log_failure(guest.vcpu(self).gic_->disable(Vcpu::wake_sgi));
  if (guest.upcall_) {
    log_failure(guest.vcpu(self).gic_->disable(*guest.upcall_));
  }
}

// Xen takes a control block as it finds it.
Result<> Steps::prepare_events(Guest& guest, guest::Prepare_context& context) noexcept {
  Vcpu& vcpu = guest.vcpu(context.cpu());
  if (!vcpu.ready_) {
    vcpu.shared_ = {};
  }
  return {};
}

Result<> Steps::start_events(Guest& guest, guest::Starting_context& context) noexcept {
  if (guest.xen_domain()) {
    Vcpu& self = guest.vcpu(context.cpu());
    self.ready_.emplace(ENLIGHTEN_TRY(guest.events_.start(context, self.events_)));
  }
  return {};
}

// What can move does, and what was linked on this vCPU's queues before that is delivered here: a linked port's next
// event would otherwise wait until this vCPU is back.
void Steps::stop_events(Guest& guest, Cpu self) noexcept {
  Vcpu& vcpu = guest.vcpu(self);
  if (vcpu.ready_ && vcpu.heir_) {
    log_failure(guest.events_.move_ports(*vcpu.ready_, *vcpu.heir_));
    vcpu.deliver_events();
  }
}

Result<> Steps::start_timer(Guest& guest, guest::Starting_context& context) noexcept {
  arch::disarm_timer();
  return guest.vcpu(context.cpu()).gic_->enable(guest.timer_);
}

void Steps::stop_timer(Guest& guest, Cpu self) noexcept {
  arch::disarm_timer();
  log_failure(guest.vcpu(self).gic_->disable(guest.timer_));
}

}  // namespace enlighten::runtime
