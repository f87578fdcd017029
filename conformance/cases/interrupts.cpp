// SPDX-License-Identifier: MIT
// The upcall as an interrupt: when it is raised, and when not.
#include <arch/counter.hpp>
#include <arch/processor.hpp>
#include <arch/timer.hpp>
#include <conformance/ports.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

// Two ports, and no interrupt left from before.
struct Ports {
  Port one;
  Port other;

  explicit Ports(Bench& bench) noexcept
      : one{bound(bench, "bind_ipi", bind_ipi(self))}, other{bound(bench, "bind_ipi", bind_ipi(self))} {
    static_cast<void>(bench.machine().take_interrupts());
  }
};

void one_each(Bench& bench) {
  const Ports ports{bench};
  bench.check("interrupts before", bench.machine().take_interrupts(), 0);
  bench.check("send", send(ports.one), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 1);
  bench.check("interrupts, once they were taken", bench.machine().take_interrupts(), 0);
}

void flag_left_set(Bench& bench) {
  const Ports ports{bench};
  bench.check("send", send(ports.one), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 1);
  bench.check_that("the upcall flag", upcall(bench));
  bench.check("send on another port", send(ports.other), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 0);
  acknowledge(bench);
  bench.check("interrupts by clearing the flag", bench.machine().take_interrupts(), 0);
  clear_pending(bench, ports.one);
  bench.check("send", send(ports.one), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 1);
}

void flag_cleared_first(Bench& bench) {
  const Ports ports{bench};
  bench.check("send", send(ports.one), 0);
  acknowledge(bench);
  clear_pending(bench, ports.one);
  bench.check("interrupts after the flag is cleared", bench.machine().take_interrupts(), 1);
}

void masked(Bench& bench) {
  const Ports ports{bench};
  mask(bench, ports.one);
  bench.check("send on a masked port", send(ports.one), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 0);
  bench.check("unmask", unmask(ports.one), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 1);
}

void flag_set_by_hand(Bench& bench) {
  const Ports ports{bench};
  put(bench.vcpu_info().evtchn_upcall_pending, 1);
  bench.check("interrupts by setting the flag", bench.machine().take_interrupts(), 0);
  bench.check("send", send(ports.one), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 0);
}

// How many of so many waits returned before the vCPU's timer ended one. Nobody else uses the timer while a case
// runs.
[[nodiscard]] std::uint32_t waits_that_return(std::uint32_t times) noexcept {
  constexpr std::uint64_t patience_in_seconds = 10;
  arch::arm_timer(arch::counter() + patience_in_seconds * arch::counter_frequency());
  std::uint32_t returned = 0;
  for (; returned < times; ++returned) {
    arch::wait_for_interrupt();
    if (arch::timer_due()) {
      break;
    }
  }
  arch::disarm_timer();
  return returned;
}

void wait_with_flag(Bench& bench) {
  const Ports ports{bench};
  bench.check("send", send(ports.one), 0);
  bench.check("interrupts", bench.machine().take_interrupts(), 1);
  bench.check_that("the upcall flag", upcall(bench));
  bench.check("of 100 waits for an interrupt, returned at once", waits_that_return(100), 100);
}

constexpr Case cases[] = {
    {"an event raises one interrupt",
     "The upcall interrupt tells of events ([xen] arm/domain.c, vcpu_mark_events_pending)", one_each},
    {"no interrupt comes while the upcall flag is set; the next one comes with the first event after it is cleared",
     "A level interrupt is raised as long as its line is ([xen] docs/misc/arm/device-tree/guest.txt)",
     flag_left_set,
     "the device tree calls the interrupt level-triggered; it is raised once, as the flag goes from 0 to 1"},
    {"an interrupt that was raised is taken although the flag has been cleared meanwhile",
     "A level interrupt whose line is down is not pending ([gic] 4.1.2)", flag_cleared_first,
     "the device tree calls the interrupt level-triggered; it stays pending like an edge"},
    {"a masked event raises no interrupt until EVTCHNOP_unmask does",
     "A masked port sets its pending bit and nothing else ([xen] event_2l.c)", masked},
    {"a wait for an interrupt returns at once as long as the upcall flag is set",
     "WFI blocks unless events need delivery ([xen] arm/include/asm/event.h)", wait_with_flag},
    {"a flag that the guest has set itself raises nothing, and keeps events from raising anything",
     "Xen injects as it sets evtchn_upcall_pending ([xen] arm/domain.c)", flag_set_by_hand},
};

}  // namespace

constinit const Subject interrupts_subject{"interrupts", cases};

}  // namespace enlighten::conformance
