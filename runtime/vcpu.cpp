// SPDX-License-Identifier: MIT
// The loop of a vCPU: interrupts are never taken, only looked for, between one piece of work and the next.
#include <runtime/vcpu.hpp>

#include <utility>

#include <arch/processor.hpp>
#include <arch/start.hpp>
#include <arch/timer.hpp>
#include <runtime/guest.hpp>
#include <runtime/log.hpp>
#include <runtime/steps.hpp>
#include <runtime/trace.hpp>

namespace enlighten::runtime {
Vcpu::Vcpu(Guest& guest, Cpu self, Vcpu_id id, Mpidr mpidr, std::uint64_t exception_stack) noexcept
    : guest_{guest}, mpidr_{mpidr}, events_{shared_.info, shared_.block} {
  top = exception_stack;
  cpu = self;
  vcpu = id;
}

void Vcpu::post(Work& work) noexcept {
  executor_.post(work);
  if (&guest::cpu_local() != this && executor_.needs_waking()) {
    wake();
  }
}

void Vcpu::Hop::await_suspend(std::coroutine_handle<> waiter) noexcept {
  resume_.waiter = waiter;
  to_.post(resume_);
}

// Being awake is all it is about, so there is nothing an event channel would add to the interrupt: an SGI costs as
// much as a hypercall, needs no port, of which a large domain may have none left, and no scan for what has come.
void Vcpu::wake() noexcept {
  guest::trace(Trace_kind::wake, cpu.value());
  if (const Result<> sent = this_vcpu().gic_->send_sgi(wake_sgi, gic_->target()); !sent) {
    panic("cpu %u cannot be woken: %s", static_cast<unsigned>(cpu.value()), sent.error().text());
  }
}

void Vcpu::run() noexcept {
  // Events that came while this CPU was off, or that registering raised, have no interrupt: Xen drops it for a CPU
  // that is off, and clears what is pending when it comes on.
  deliver_events();
  while (leave_ == nullptr) {
    take_interrupts();
    executor_.run_once();
    // Not once it is to stop: nothing would wake it again.
    if (executor_.idle() && leave_ == nullptr) {
      sleep();
    }
  }
  leave_(*this);
  std::unreachable();
}

void Vcpu::leave(Vcpu& self) noexcept {
  Guest& guest = self.guest_;
  guest::Bringup::run_inverse_steps<Steps::all>(guest, self.cpu);
  self.leave_ = nullptr;
  guest.bringup_->leaving(self.cpu);
  self.turn_off();
}

void Vcpu::turn_off() noexcept {
  calls.count(guest::Call::psci_other);
  arch::leave(guest_.psci_.conduit(), guest_.psci_.cpu_off_function());
}

void Vcpu::sleep() noexcept {
  if (executor_.has_timers()) {
    arch::arm_timer(Clock::counter_at(executor_.next_deadline()));
  } else {
    arch::disarm_timer();
  }
  if (!executor_.prepare_sleep()) {
    return;
  }
  // An interrupt that is pending by now, masked as it is, ends WFI at once ([arm] D1.7.2): nothing can come between
  // the last look and this.
  guest::trace(Trace_kind::wait_begin);
  arch::wait_for_interrupt();
  guest::trace(Trace_kind::wait_end);
  executor_.awake();
}

void Vcpu::take_interrupts() noexcept {
  while (const auto acknowledged = gic_->acknowledge()) {
    const Interrupt interrupt = acknowledged->interrupt();
    guest::trace(Trace_kind::interrupt, interrupt.value());
    if (interrupt == guest_.upcall_) {
      deliver_events();
    } else if (interrupt == guest_.timer_) {
      // Its level must be down before the interrupt is completed. What is due, run_once() finds.
      arch::disarm_timer();
    } else if (interrupt != wake_sgi && (take_device_ == nullptr || !take_device_(*this, interrupt))) {
      log("interrupt ", interrupt, " was not asked for: switched off");
      if (const Result<> disabled = gic_->disable(interrupt); !disabled) {
        log(disabled.error());
      }
    }
    gic_->complete(*acknowledged);
  }
}

void Vcpu::deliver_events() noexcept {
  if (!ready_) {
    return;
  }
  const Result<std::uint32_t> delivered = guest_.events().deliver(events_);
  if (!delivered && !reported_broken_queue_) {
    reported_broken_queue_ = true;
    log(delivered.error(), "; its ports are looked for one by one");
  }
}

}  // namespace enlighten::runtime
