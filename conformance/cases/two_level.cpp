// SPDX-License-Identifier: MIT
// The 2-level event ABI: bits of pending and mask in shared_info, selector and upcall flag in vcpu_info.
#include <conformance/ports.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

struct Ipi {
  Bench& bench;
  Port port;

  explicit Ipi(Bench& on, Vcpu_id vcpu = self) noexcept : bench{on}, port{bound(on, "bind_ipi", bind_ipi(vcpu))} {}

  void look(const char* what, bool pending, std::uint64_t selector, bool wants_upcall) noexcept {
    bench.check(what, is_pending(bench, port) ? 1 : 0, pending ? 1 : 0);
    bench.check_bits("selector", get(bench.vcpu_info().evtchn_pending_sel), selector);
    bench.check("upcall", upcall(bench) ? 1 : 0, wants_upcall ? 1 : 0);
  }
};

void sent(Bench& bench) {
  Ipi ipi{bench};
  bench.check_not("born masked", is_masked(bench, ipi.port));
  ipi.look("pending at first", false, 0, false);
  bench.check("send", send(ipi.port), 0);
  ipi.look("pending", true, 1, true);
}

void merged(Bench& bench) {
  Ipi ipi{bench};
  bench.check("send", send(ipi.port), 0);
  acknowledge(bench);
  bench.check("send while pending", send(ipi.port), 0);
  ipi.look("pending", true, 0, false);
  clear_pending(bench, ipi.port);
  bench.check("send after it was taken", send(ipi.port), 0);
  ipi.look("pending", true, 1, true);
}

void masked(Bench& bench) {
  Ipi ipi{bench};
  mask(bench, ipi.port);
  bench.check("send", send(ipi.port), 0);
  ipi.look("pending", true, 0, false);
  bench.check("unmask", unmask(ipi.port), 0);
  bench.check_not("masked", is_masked(bench, ipi.port));
  ipi.look("pending", true, 1, true);
}

void unmasked_without_event(Bench& bench) {
  Ipi ipi{bench};
  mask(bench, ipi.port);
  bench.check("unmask", unmask(ipi.port), 0);
  bench.check_not("masked", is_masked(bench, ipi.port));
  ipi.look("pending", false, 0, false);
}

void unmasked_by_hand(Bench& bench) {
  Ipi ipi{bench};
  mask(bench, ipi.port);
  bench.check("send", send(ipi.port), 0);
  clear_mask(bench, ipi.port);
  ipi.look("pending", true, 0, false);
  bench.check("unmask of what is not masked", unmask(ipi.port), 0);
  ipi.look("pending", true, 0, false);
  // What a guest does instead: mask it once more, and ask.
  mask(bench, ipi.port);
  bench.check("unmask", unmask(ipi.port), 0);
  ipi.look("pending", true, 1, true);
}

void one_upcall(Bench& bench) {
  Ipi first{bench};
  const Ipi second{bench};
  bench.check("send on the first", send(first.port), 0);
  put(bench.vcpu_info().evtchn_upcall_pending, 0);
  // The selector says already that there is something in this word: whoever looks finds the second as well.
  bench.check("send on the second", send(second.port), 0);
  first.look("pending", true, 1, false);
  bench.check_that("the second is pending", is_pending(bench, second.port));
}

void other_vcpu(Bench& bench) {
  Ipi ipi{bench, Vcpu_id{1}};
  bench.check("send", send(ipi.port), 0);
  ipi.look("pending", true, 0, false);
}

void legacy_place(Bench& bench) {
  abi::Vcpu_info& legacy = bench.shared_info().vcpu_info[0];
  put(legacy.evtchn_upcall_pending, 0);
  put(legacy.evtchn_pending_sel, 0);
  const Ipi ipi{bench};
  bench.check("send", send(ipi.port), 0);
  bench.check_that("an upcall", upcall(bench));
  bench.check("the flag in shared_info", get(legacy.evtchn_upcall_pending), 0);
  bench.check_bits("the selector in shared_info", get(legacy.evtchn_pending_sel), 0);
}

void no_time(Bench& bench) {
  bench.check("version of the vCPU's time", bench.vcpu_info().time.version, 0);
  bench.check("system time", static_cast<std::int64_t>(bench.vcpu_info().time.system_time), 0);
}

constexpr Case cases[] = {
    {"an event sets its bit, its word's bit in the selector, and the upcall flag; ports are born unmasked",
     "Pending, selector, upcall, in this order ([xen] event_2l.c, xen.h)", sent},
    {"an event that finds its bit set is the same event",
     "Only a bit that was clear goes on to the selector "
     "([xen] event_2l.c)",
     merged},
    {"a masked event waits, and EVTCHNOP_unmask raises it",
     "A masked port sets its pending bit and nothing else; "
     "unmasking delivers it ([xen] event_channel.h)",
     masked},
    {"unmasking a port without an event raises nothing",
     "EVTCHNOP_unmask delivers what is pending "
     "([xen] event_channel.h)",
     unmasked_without_event},
    {"a mask cleared by hand raises nothing, and EVTCHNOP_unmask then neither",
     "EVTCHNOP_unmask looks at the event only if it was it that cleared the mask ([xen] event_2l.c)",
     unmasked_by_hand},
    {"a selector bit that is set already asks for no second upcall",
     "Only a selector bit that was clear goes on to "
     "the upcall flag ([xen] event_2l.c)",
     one_upcall},
    {"an event for another vCPU leaves this one alone", "The port's vCPU is notified ([xen] event_channel.h)",
     other_vcpu},
    {"a registered vcpu_info takes the place of the one in shared_info",
     "VCPUOP_register_vcpu_info: Xen uses the new location from then on ([xen] vcpu.h)", legacy_place},
    {"vcpu_info has no time on Arm", "Time comes from the architected timer ([xen] arm/time.c)", no_time},
};

}  // namespace

constinit const Subject two_level_subject{"two_level", cases};

}  // namespace enlighten::conformance
