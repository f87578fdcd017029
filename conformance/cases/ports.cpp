// SPDX-License-Identifier: MIT
// Ports as such: their numbers, what is refused on those that are not bound, and the end of them all.
#include <conformance/ports.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Event_channel_op;
using abi::Evtchn_state;

constexpr Port none{0};

// One that was bound and no longer is; Xen has room for it.
[[nodiscard]] Port free_port(Bench& bench) noexcept {
  const Port port = bound(bench, "bind_ipi", bind_ipi(self));
  bench.check("close", close(port), 0);
  return port;
}

void first_fit(Bench& bench) {
  const Port first = bound(bench, "bind_ipi", bind_ipi(self));
  const Port second = bound(bench, "bind_ipi", bind_ipi(self));
  const Port third = bound(bench, "alloc_unbound", alloc_unbound());
  bench.check("the first port", first.value(), 1);
  bench.check("the second", second.value(), 2);
  bench.check("the third", third.value(), 3);
  bench.check("close of the second", close(second), 0);
  bench.check("the next one", bound(bench, "bind_ipi", bind_ipi(self)).value(), 2);
  bench.check("and the next", bound(bench, "bind_ipi", bind_ipi(self)).value(), 4);
}

void closing(Bench& bench) {
  const Port port = free_port(bench);
  bench.check("again", close(port), -Errno::einval);
  bench.check("port 0", close(none), -Errno::einval);
  bench.check("port 5000", close(no_port), -Errno::einval);
}

void sending(Bench& bench) {
  const Port port = free_port(bench);
  bench.check("on a free port", send(port), -Errno::einval);
  bench.check("on port 0", send(none), -Errno::einval);
  bench.check("on port 5000", send(no_port), -Errno::einval);
  const Port unbound = bound(bench, "alloc_unbound", alloc_unbound());
  bench.check("on an unbound port", send(unbound), 0);
  bench.check_not("it is pending", is_pending(bench, unbound));
  const Port virq = bound(bench, "bind_virq of VIRQ_TIMER", bind_virq(Virq{0}, self));
  bench.check("on a VIRQ", send(virq), -Errno::einval);
  bench.check_not("an upcall", upcall(bench));
}

void states(Bench& bench) {
  const Port port = free_port(bench);
  bench.check("port 0", state_of(none), number(Evtchn_state::closed));
  bench.check("a free port", state_of(port), number(Evtchn_state::closed));
  bench.check("port 5000", state_of(no_port), -Errno::einval);
  bench.check("an IPI", state_of(bound(bench, "bind_ipi", bind_ipi(self))), number(Evtchn_state::ipi));
  bench.check("a VIRQ", state_of(bound(bench, "bind_virq", bind_virq(Virq{0}, self))), number(Evtchn_state::virq));
  bench.check("an unbound one", state_of(bound(bench, "alloc_unbound", alloc_unbound())),
              number(Evtchn_state::unbound));
  abi::Evtchn_status elsewhere{.dom = no_domain, .port = port};
  bench.check("in domain 99", ask_status(elsewhere), -Errno::esrch);
}

void details(Bench& bench) {
  const Port ipi = bound(bench, "bind_ipi to vCPU 2", bind_ipi(Vcpu_id{2}));
  bench.check("vCPU of the IPI", status_of(ipi).vcpu.value(), 2);
  const Port virq = bound(bench, "bind_virq of VIRQ_DEBUG to vCPU 3", bind_virq(Virq{1}, Vcpu_id{3}));
  bench.check("vCPU of the VIRQ", status_of(virq).vcpu.value(), 3);
  bench.check("which VIRQ", status_of(virq).u.virq.value(), 1);
  const Port unbound = bound(bench, "alloc_unbound", alloc_unbound());
  bench.check("vCPU of an unbound port", status_of(unbound).vcpu.value(), 0);
}

void unmasking(Bench& bench) {
  const Port port = free_port(bench);
  bench.check("port 0", unmask(none), 0);
  bench.check("a free port", unmask(port), 0);
  bench.check("port 5000", unmask(no_port), -Errno::einval);
}

void moving(Bench& bench) {
  const Port ipi = bound(bench, "bind_ipi", bind_ipi(self));
  const Port timer = bound(bench, "bind_virq of VIRQ_TIMER", bind_virq(Virq{0}, self));
  const Port argo = bound(bench, "bind_virq of VIRQ_ARGO", bind_virq(Virq{11}, self));
  const Port unbound = bound(bench, "alloc_unbound", alloc_unbound());
  const Port free = free_port(bench);
  constexpr Vcpu_id other{1};
  bench.check("an IPI", bind_vcpu(ipi, other), -Errno::einval);
  bench.check("a vCPU's own VIRQ", bind_vcpu(timer, other), -Errno::einval);
  bench.check("the domain's VIRQ", bind_vcpu(argo, other), 0);
  bench.check("its vCPU", status_of(argo).vcpu.value(), 1);
  bench.check("an unbound port", bind_vcpu(unbound, other), 0);
  bench.check("its vCPU", status_of(unbound).vcpu.value(), 1);
  bench.check("a free port", bind_vcpu(free, other), -Errno::einval);
  bench.check("port 0", bind_vcpu(none, other), -Errno::einval);
  bench.check("port 5000", bind_vcpu(no_port, other), -Errno::einval);
  // The vCPU is looked at before the port.
  bench.check("an unbound port to vCPU 99", bind_vcpu(unbound, no_vcpu), -Errno::enoent);
  bench.check("port 5000 to vCPU 99", bind_vcpu(no_port, no_vcpu), -Errno::enoent);
}

void operations(Bench& bench) {
  abi::Evtchn_reset argument{abi::domain_self};
  const auto operation = [](std::uint64_t which, std::uint64_t where) {
    return arch::hypercall(abi::Hypercall::event_channel_op, which, where);
  };
  bench.check("14, Xen's own for a reset that goes on", operation(14, address_of(argument)), -Errno::ebusy);
  bench.check("15", operation(15, address_of(argument)), -Errno::enosys);
  bench.check("99", operation(99, address_of(argument)), -Errno::enosys);
  for (std::uint64_t which = 0; which <= 13; ++which) {
    // bind_pirq, 2, is not for Arm; the others read their argument first.
    if (which != 2) {
      bench.check("an argument nobody can read", operation(which, nowhere), -Errno::efault);
    }
  }
}

void two_level_only(Bench& bench) {
  const Port port = bound(bench, "bind_ipi", bind_ipi(self));
  bench.check("set_priority", set_priority(port, 3), -Errno::enosys);
  bench.check("expand_array", expand_array(frame_of(bench.page())), -Errno::eopnotsupp);
}

void full(Bench& bench) {
  std::int64_t count = 0;
  Binding last{0, none};
  for (Binding next = bind_ipi(self); next.result == 0; next = bind_ipi(self)) {
    ++count;
    last = next;
  }
  bench.check("ports", count, 1023);
  bench.check("the last", last.port.value(), 1023);
  bench.check("another IPI", bind_ipi(self).result, -Errno::enospc);
  bench.check("another unbound port", alloc_unbound().result, -Errno::enospc);
  bench.check("a VIRQ", bind_virq(Virq{0}, self).result, -Errno::enospc);
  bench.check("port 1023 is masked for", is_masked(bench, last.port) ? 1 : 0, 0);
  bench.check("send to the last", send(last.port), 0);
  bench.check_bits("selector", get(bench.vcpu_info().evtchn_pending_sel), std::uint64_t{1} << 15);
  bench.check_bits("its word", get(bench.shared_info().evtchn_pending[15]), std::int64_t{1} << 63);
  bench.check("close of port 500", close(Port{500}), 0);
  bench.check("the port there is room for", bound(bench, "bind_ipi", bind_ipi(self)).value(), 500);
  bench.check("reset", reset(), 0);
  bench.check("the last is now", state_of(last.port), number(Evtchn_state::closed));
}

void resets(Bench& bench) {
  const Port ipi = bound(bench, "bind_ipi", bind_ipi(self));
  const Port unbound = bound(bench, "alloc_unbound", alloc_unbound());
  bench.check("of domain 99", reset(no_domain), -Errno::esrch);
  bench.check("the ports are still there", state_of(unbound), number(Evtchn_state::unbound));
  bench.check("reset", reset(), 0);
  bench.check("the IPI is", state_of(ipi), number(Evtchn_state::closed));
  bench.check("the unbound one is", state_of(unbound), number(Evtchn_state::closed));
  bench.check("again", reset(), 0);
}

void reset_clears(Bench& bench) {
  const Port port = bound(bench, "bind_ipi", bind_ipi(self));
  mask(bench, port);
  bench.check("send", send(port), 0);
  bench.check_that("pending", is_pending(bench, port));
  bench.check("reset", reset(), 0);
  bench.check_not("pending afterwards", is_pending(bench, port));
  bench.check_that("masked afterwards", is_masked(bench, port));
}

constexpr Case cases[] = {
    {"ports are given out from 1 on, the lowest free one first",
     "Port 0 is never used; get_free_port() takes the first that is free ([xen] event_channel.c)", first_fit},
    {"only what is bound can be closed",
     "EVTCHNOP_close of a closed or invalid port is EINVAL ([xen] event_channel.h)", closing},
    {"events are sent on IPIs and to peers, and one to nobody is dropped",
     "EVTCHNOP_send: an unbound port is no error, what the guest does not send on is EINVAL ([xen] "
     "event_channel.c)",
     sending},
    {"the status of a port says what it is", "EVTCHNOP_status, EVTCHNSTAT_* ([xen] event_channel.h)", states},
    {"the status of a port says which vCPU and which VIRQ it is for",
     "evtchn_status.vcpu and u.virq ([xen] event_channel.h)", details},
    {"any port that Xen has room for may be unmasked, bound or not",
     "EVTCHNOP_unmask checks the number only ([xen] event_channel.c)", unmasking},
    {"what belongs to a vCPU stays there, everything else can be moved",
     "EVTCHNOP_bind_vcpu moves interdomain, unbound and global VIRQ ports ([xen] event_channel.h)", moving},
    {"operations end at set_priority, and read their argument first",
     "EVTCHNOP_* ([xen] event_channel.h); an argument that cannot be read is EFAULT", operations},
    {"2-level has neither priorities nor an array",
     "EVTCHNOP_set_priority and EVTCHNOP_expand_array are of the FIFO "
     "ABI ([xen] event_channel.h)",
     two_level_only},
    {"a domain has 1023 ports, then ENOSPC",
     "max_evtchn_port of a domain that Xen creates at boot is 1023 ([xen] arm/domain_build.c)", full},
    {"a reset closes every port of the domain",
     "EVTCHNOP_reset: all event channels associated with the domain are closed ([xen] event_channel.h)", resets},
    {"a reset clears what is pending and leaves masks alone",
     "Closing a port clears its event ([xen] event_channel.c, free_evtchn)", reset_clears},
};

}  // namespace

constinit const Subject ports_subject{"ports", cases};

}  // namespace enlighten::conformance
