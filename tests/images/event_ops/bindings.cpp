// SPDX-License-Identifier: MIT
// IPIs, VIRQs and loops between two ports of ours: bound, used, asked about.
#include <abi/virq.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"
#include "event_ops.hpp"

namespace event_ops {

using abi::Event_channel_op;
using abi::Evtchn_state;
using test::Case;
using test::Counter;

runtime::Task<> ipis(Test& test) {
  Case result{test.ktap, "an IPI reaches each vCPU, once, from any other"};
  for (std::uint32_t cpu = 0; cpu < test.guest.cpus(); ++cpu) {
    Counter counter;
    const auto port = test.guest.events().bind_ipi(test.ready(cpu), &counter);
    if (!result.works(port, "bind_ipi")) {
      co_return;
    }
    const auto status = port->status();
    if (result.works(status, "status")) {
      result.expect(status->status == Evtchn_state::ipi, "the status is ipi");
      result.equal(status->vcpu.value(), test.ready(cpu).vcpu().value(), "vCPU of the status");
    }
    for (std::uint32_t from = 0; from < test.guest.cpus(); ++from) {
      co_await test.guest.vcpu(Cpu{from}).here();
      result.works(port->send(), "send");
      co_await test.guest.vcpu(Cpu{0}).here();
      const std::uint32_t events = co_await test::settle(counter, from + 1);
      result.equal(events, from + 1, "events");
    }
    result.expect(counter.cpu() == Cpu{cpu}, "delivered where it is bound");
    result.expect(counter.port() == port->port(), "the handler is told the port");
  }
}

runtime::Task<> virqs(Test& test) {
  Case result{test.ktap, "VIRQs are bound once: a vCPU's own on each, the domain's on one"};
  guest::Bound_port timers[8];
  const std::uint32_t cpus = std::min<std::uint32_t>(test.guest.cpus(), std::size(timers));
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    auto port = test.guest.events().bind_virq(abi::virq_timer, test.ready(cpu), nullptr);
    if (!result.works(port, "bind_virq of VIRQ_TIMER")) {
      co_return;
    }
    timers[cpu] = std::move(*port);
    const auto status = timers[cpu].status();
    result.expect(status && status->status == Evtchn_state::virq && status->u.virq == abi::virq_timer &&
                      status->vcpu == test.ready(cpu).vcpu(),
                  "the status is that VIRQ on that vCPU");
    result.refused(test.guest.events().bind_virq(abi::virq_timer, test.ready(cpu), nullptr), abi::Errno::eexist,
                   "the same again");
  }
  result.refused(timers[0].send(), abi::Errno::einval, "sending to a VIRQ");
  result.refused(timers[0].move_to(test.ready(cpus - 1)), abi::Errno::einval, "moving a vCPU's own VIRQ");
  result.works(timers[0].close(), "close");
  result.works(test.guest.events().bind_virq(abi::virq_timer, test.ready(0), nullptr), "binding it again");

  // VIRQ_ARGO is the domain's own on every version; its port may be on any vCPU.
  const auto argo = test.guest.events().bind_virq(abi::virq_argo, test.ready(cpus - 1), nullptr);
  if (result.works(argo, "bind_virq of VIRQ_ARGO")) {
    const auto status = argo->status();
    result.expect(status && status->vcpu == test.ready(cpus - 1).vcpu(), "bound where it was asked for");
    result.works(argo->move_to(test.ready(0)), "moving the domain's VIRQ");
  }
  // Those that only their handler's domain may have: others were not refused before 4.21.
  const auto console = test.guest.events().bind_virq(abi::virq_console, test.ready(0), nullptr);
  if (test.xen_from(4, 21)) {
    result.refused(console, abi::Errno::ebusy, "VIRQ_CONSOLE for a domain that is not its handler");
  } else {
    result.works(console, "VIRQ_CONSOLE on Xen before 4.21");
  }

  using Bind = abi::Evtchn_bind_virq;
  constexpr auto bind = Event_channel_op::bind_virq;
  result.refused(raw(test.guest, bind, Bind{.virq = abi::virq_domain_exception, .vcpu = Vcpu_id{1}}),
                 abi::Errno::einval, "a VIRQ of the domain on a vCPU other than 0");
  result.refused(raw(test.guest, bind, Bind{.virq = Virq{abi::virq_limit}, .vcpu = Vcpu_id{0}}), abi::Errno::einval,
                 "VIRQ 24");
  result.refused(raw(test.guest, bind, Bind{.virq = Virq{~0U}, .vcpu = Vcpu_id{0}}), abi::Errno::einval,
                 "VIRQ 0xffffffff");
  result.refused(raw(test.guest, bind, Bind{.virq = abi::virq_timer, .vcpu = no_vcpu}), abi::Errno::enoent,
                 "a VIRQ on vCPU 99");
}

runtime::Task<> loops(Test& test) {
  {
    // Without any privilege: Xen notes who may bind, and tells.
    Case result{test.ktap, "a domain learns its own number from a port that it may bind itself"};
    const auto port = test.guest.events().alloc_unbound(abi::domain_self, test.ready(0), nullptr);
    if (result.works(port, "alloc_unbound")) {
      const auto status = port->status();
      if (result.works(status, "status")) {
        result.expect(status->status == Evtchn_state::unbound, "the status is unbound");
        result.expect(status->u.unbound != abi::domain_self, "not DOMID_SELF itself");
        const auto by_number = status_of(test.guest, port->port(), status->u.unbound);
        result.expect(by_number && by_number->status == Evtchn_state::unbound, "asking by that number is the same");
      }
      result.works(port->send(), "sending to nobody");
    }
  }
  Case result{test.ktap, "two ports of ours make a loop, each the other's peer"};
  Counter far_events;
  Counter near_events;
  const std::uint32_t last = test.guest.cpus() - 1;
  const auto far = test.guest.events().alloc_unbound(abi::domain_self, test.ready(last), &far_events);
  if (!result.works(far, "alloc_unbound")) {
    co_return;
  }
  const auto near =
      test.guest.events().bind_interdomain(abi::domain_self, far->port(), test.ready(0), &near_events);
  if (!result.works(near, "bind_interdomain")) {
    co_return;
  }
  // "The local port is pending": the peer may have sent before there was anybody.
  std::uint32_t events = co_await test::settle(near_events, 1);
  result.equal(events, 1, "events at the binding end, of the binding itself");
  events = co_await test::settle(far_events, 0);
  result.equal(events, 0, "events at the other end");

  const auto far_status = far->status();
  const auto near_status = near->status();
  result.expect(far_status && far_status->status == Evtchn_state::interdomain &&
                    far_status->u.interdomain.port == near->port() && far_status->vcpu == test.ready(last).vcpu(),
                "the status names the peer");
  result.expect(near_status && near_status->status == Evtchn_state::interdomain &&
                    near_status->u.interdomain.port == far->port() && near_status->vcpu == test.ready(0).vcpu(),
                "and so does the peer's");

  for (std::uint32_t round = 1; round <= 3; ++round) {
    result.works(near->send(), "send");
    events = co_await test::settle(far_events, round);
    result.equal(events, round, "events at the far end");
    result.works(far->send(), "send back");
    events = co_await test::settle(near_events, round + 1);
    result.equal(events, round + 1, "events at the near end");
  }
  result.expect(far_events.cpu() == Cpu{last} && near_events.cpu() == Cpu{0}, "each where it is bound");

  using Bind = abi::Evtchn_bind_interdomain;
  constexpr auto bind = Event_channel_op::bind_interdomain;
  constexpr Domain_id self = abi::domain_self;
  result.refused(raw(test.guest, bind, Bind{.remote_dom = self, .remote_port = far->port()}), abi::Errno::einval,
                 "binding to a port that has a peer");
  result.refused(raw(test.guest, bind, Bind{.remote_dom = self, .remote_port = no_port}), abi::Errno::einval,
                 "binding to port 5000");
  result.refused(raw(test.guest, bind, Bind{.remote_dom = no_domain, .remote_port = far->port()}),
                 abi::Errno::esrch, "binding to a domain that is not there");
  using Alloc = abi::Evtchn_alloc_unbound;
  constexpr auto alloc = Event_channel_op::alloc_unbound;
  result.refused(raw(test.guest, alloc, Alloc{.dom = self, .remote_dom = no_domain}), abi::Errno::esrch,
                 "a port for a domain that is not there");
  result.refused(raw(test.guest, alloc, Alloc{.dom = no_domain, .remote_dom = self}), abi::Errno::esrch,
                 "a port of a domain that is not there");
}

}  // namespace event_ops
