// SPDX-License-Identifier: MIT
// Which ports can be bound: IPIs, VIRQs, physical interrupts, and ports for other domains.
#include <abi/virq.hpp>
#include <conformance/ports.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;

void ipis(Bench& bench) {
  bench.check("to vCPU 0", bind_ipi(self).result, 0);
  bench.check("to vCPU 0 again", bind_ipi(self).result, 0);
  bench.check("to vCPU 3, which is off", bind_ipi(Vcpu_id{3}).result, 0);
  bench.check("to vCPU 99", bind_ipi(no_vcpu).result, -Errno::enoent);
  bench.check("to vCPU 0xffffffff", bind_ipi(Vcpu_id{~0U}).result, -Errno::enoent);
}

void virqs_of_a_vcpu(Bench& bench) {
  for (const Virq virq : {abi::virq_timer, abi::virq_debug, abi::virq_xenoprof, abi::virq_xen_pmu}) {
    bench.check("VIRQ", virq.value(), virq.value());
    bench.check("on vCPU 0", bind_virq(virq, self).result, 0);
    bench.check("again", bind_virq(virq, self).result, -Errno::eexist);
    bench.check("on vCPU 1", bind_virq(virq, Vcpu_id{1}).result, 0);
    bench.check("on vCPU 99", bind_virq(virq, no_vcpu).result, -Errno::enoent);
  }
}

void virq_numbers(Bench& bench) {
  bench.check("24", bind_virq(Virq{abi::virq_limit}, self).result, -Errno::einval);
  bench.check("0xffffffff", bind_virq(Virq{~0U}, self).result, -Errno::einval);
  bench.check("24 on vCPU 99", bind_virq(Virq{abi::virq_limit}, no_vcpu).result, -Errno::einval);
}

void global_virqs(Bench& bench) {
  // Those that belong to one domain of the machine; before 4.21 anybody could bind them, for nothing.
  const Expected outcome = Expected{0}.since(4, 21, -Errno::ebusy);
  bench.check("VIRQ_DOM_EXC", bind_virq(abi::virq_domain_exception, self).result, outcome);
  bench.check("VIRQ_CONSOLE", bind_virq(abi::virq_console, self).result, outcome);
  bench.check("VIRQ_TBUF", bind_virq(abi::virq_trace_buffer, self).result, outcome);
  bench.check("VIRQ_ARCH_0", bind_virq(abi::virq_arch_0, self).result, outcome);
  bench.check("VIRQ_ARCH_7", bind_virq(Virq{23}, self).result, outcome);
  bench.check("VIRQ_DOM_EXC on vCPU 1", bind_virq(abi::virq_domain_exception, Vcpu_id{1}).result, -Errno::einval);
  bench.check("VIRQ_ARCH_0 on vCPU 1", bind_virq(abi::virq_arch_0, Vcpu_id{1}).result, -Errno::einval);
}

void virq_of_the_domain(Bench& bench) {
  bench.check("VIRQ_ARGO on vCPU 0", bind_virq(abi::virq_argo, self).result, 0);
  bench.check("again", bind_virq(abi::virq_argo, self).result, -Errno::eexist);
  bench.check("on vCPU 1", bind_virq(abi::virq_argo, Vcpu_id{1}).result, -Errno::einval);
}

void virq_again(Bench& bench) {
  const Port port = bound(bench, "bind_virq of VIRQ_TIMER", bind_virq(abi::virq_timer, self));
  bench.check("close", close(port), 0);
  bench.check("bind_virq", bind_virq(abi::virq_timer, self).result, 0);
}

void pirqs(Bench& bench) {
  // 4.18 changed nothing here: what it answers is read in its source, not measured.
  bench.check("PIRQ 0", event_channel(abi::Event_channel_op::bind_pirq, abi::Evtchn_bind_pirq{.pirq = 0}),
              Expected{-Errno::enomem}.since(4, 19, -Errno::eopnotsupp));
}

void unbound_ports(Bench& bench) {
  bench.check("of ours for ourselves", alloc_unbound().result, 0);
  // Without SILO nobody looks at whom the port is for.
  bench.check("of ours for domain 99", alloc_unbound(abi::domain_self, no_domain).result,
              bench.machine().silo() ? -Errno::esrch : 0);
  bench.check("of domain 99 for ourselves", alloc_unbound(no_domain, abi::domain_self).result, -Errno::esrch);
  bench.check("of domain 99 for domain 99", alloc_unbound(no_domain, no_domain).result, -Errno::esrch);
}

void interdomain_refusals(Bench& bench) {
  const Port ipi = bound(bench, "bind_ipi", bind_ipi(self));
  const Port unbound = bound(bench, "alloc_unbound", alloc_unbound());
  bench.check("port 0", bind_interdomain(Port{0}).result, -Errno::einval);
  bench.check("a free port", bind_interdomain(Port{30}).result, -Errno::einval);
  bench.check("port 5000", bind_interdomain(no_port).result, -Errno::einval);
  bench.check("an IPI", bind_interdomain(ipi).result, -Errno::einval);
  bench.check("a port of domain 99", bind_interdomain(unbound, no_domain).result, -Errno::esrch);
  bench.check("none of these took a port", bound(bench, "bind_ipi", bind_ipi(self)).value(), 3);
}

void own_number(Bench& bench) {
  const Port port = bound(bench, "alloc_unbound", alloc_unbound());
  const Domain_id own = status_of(port).u.unbound;
  bench.check_not("it is DOMID_SELF", own == abi::domain_self);
  abi::Evtchn_status status{.dom = own, .port = port};
  bench.check("the port, asked for by that number", ask_status(status), 0);
  bench.check("its state", number(status.status), number(abi::Evtchn_state::unbound));
  bench.check("a port for that number", alloc_unbound(abi::domain_self, own).result, 0);
  bench.check("a port of that number", alloc_unbound(own, abi::domain_self).result, 0);
  bench.check("binding to the port by that number", bind_interdomain(port, own).result, 0);
}

constexpr Case cases[] = {
    {"IPIs can be bound to any vCPU there is, as often as there are ports",
     "EVTCHNOP_bind_ipi: ENOENT for a vCPU that does not exist ([xen] event_channel.h)", ipis},
    {"a VIRQ of a vCPU's is bound once on each vCPU",
     "Per-vCPU VIRQs may be bound on any vCPU; a second binding is EEXIST ([xen] event_channel.h, xen.h)",
     virqs_of_a_vcpu},
    {"VIRQs end at 24, whatever the vCPU", "NR_VIRQS is 24 ([xen] xen.h)", virq_numbers},
    {"a VIRQ of the machine's cannot be bound by a domain that does not handle it, since 4.21",
     "Global VIRQs are bound on vCPU 0, by the domain they are sent to ([xen] event_channel.c)", global_virqs},
    {"VIRQ_ARGO is the domain's own, bound once and on vCPU 0",
     "VIRQ_ARGO is raised in the domain concerned "
     "([xen] xen.h)",
     virq_of_the_domain},
    {"a VIRQ whose port is closed can be bound again",
     "Closing a VIRQ's port gives the VIRQ up ([xen] event_channel.c)", virq_again},
    {"there are no physical interrupts to bind on Arm",
     "PIRQs are x86's; Arm has none to bind ([xen] asm/irq.h, since 4.19 event_channel.c)", pirqs},
    {"an unbound port names domains that exist, its own being the caller",
     "EVTCHNOP_alloc_unbound: ESRCH for a domain that does not exist, by SILO also as remote ([xen] "
     "event_channel.c)",
     unbound_ports},
    {"only a port that waits for the caller can be bound to",
     "EVTCHNOP_bind_interdomain: the remote port is unbound and accepts calls from the caller's domain ([xen] "
     "event_channel.h)",
     interdomain_refusals},
    {"a domain learns its own number, which means the same as DOMID_SELF",
     "EVTCHNOP_status tells the domain an unbound port waits for ([xen] event_channel.h)", own_number},
};

}  // namespace

constinit const Subject port_bindings_subject{"port_bindings", cases};

}  // namespace enlighten::conformance
