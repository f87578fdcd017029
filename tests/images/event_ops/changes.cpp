// SPDX-License-Identifier: MIT
// What changes a bound port: moving, masking, closing, priorities.
#include "../support/case.hpp"
#include "../support/counter.hpp"
#include "event_ops.hpp"

namespace event_ops {

using abi::Event_channel_op;
using abi::Evtchn_state;
using test::Case;
using test::Counter;

runtime::Task<> moves(Test& test) {
  Case result{test.ktap, "a port moves from vCPU to vCPU and takes its events along"};
  Counter events;
  const auto far = test.guest.events().alloc_unbound(abi::domain_self, test.ready(0), &events);
  if (!result.works(far, "alloc_unbound")) {
    co_return;
  }
  const auto near = test.guest.events().bind_interdomain(abi::domain_self, far->port(), test.ready(0), nullptr);
  if (!result.works(near, "bind_interdomain")) {
    co_return;
  }
  std::uint32_t sent = 0;
  for (std::uint32_t turn = 1; turn <= 2 * test.guest.cpus(); ++turn) {
    const std::uint32_t cpu = turn % test.guest.cpus();
    result.works(far->move_to(test.ready(cpu)), "move");
    const auto status = far->status();
    result.expect(status && status->vcpu == test.ready(cpu).vcpu(), "the status has the new vCPU");
    result.works(near->send(), "send");
    const std::uint32_t count = co_await test::settle(events, ++sent);
    result.equal(count, sent, "events");
    result.expect(events.cpu() == Cpu{cpu}, "delivered on the new vCPU");
  }
  {
    // An event that waits, masked, is not the old vCPU's any more.
    far->mask();
    result.works(near->send(), "send while masked");
    const std::uint32_t to = test.guest.cpus() - 1;
    result.works(far->move_to(test.ready(to)), "move while masked");
    std::uint32_t count = co_await test::settle(events, sent);
    result.equal(count, sent, "events while masked");
    result.works(far->unmask(), "unmask");
    count = co_await test::settle(events, ++sent);
    result.equal(count, sent, "events after unmasking");
    result.expect(events.cpu() == Cpu{to}, "delivered on the vCPU it was moved to");
  }
  const auto ipi = test.guest.events().bind_ipi(test.ready(0), nullptr);
  if (result.works(ipi, "bind_ipi")) {
    result.refused(ipi->move_to(test.ready(test.guest.cpus() - 1)), abi::Errno::einval, "moving an IPI");
  }
}

runtime::Task<> masks(Test& test) {
  Case result{test.ktap, "what comes while a port is masked is delivered once, when it no longer is"};
  for (const std::uint32_t cpu : {std::uint32_t{0}, test.guest.cpus() - 1}) {
    Counter events;
    auto port = test.guest.events().bind_ipi(test.ready(cpu), &events, guest::Initially::masked);
    if (!result.works(port, "bind_ipi, masked")) {
      co_return;
    }
    std::uint32_t expected = 0;
    for (int round = 0; round < 3; ++round) {
      result.expect(!port->is_pending(), "nothing is pending yet");
      for (int times = 0; times < 3; ++times) {
        result.works(port->send(), "send");
      }
      result.expect(port->is_pending(), "the event is pending");
      std::uint32_t count = co_await test::settle(events, expected);
      result.equal(count, expected, "events while masked");
      result.works(port->unmask(), "unmask");
      count = co_await test::settle(events, ++expected);
      result.equal(count, expected, "three events merge into one");
      result.expect(!port->is_pending(), "nothing is pending any more");
      port->mask();
    }
    // A port that is polled instead.
    result.works(port->send(), "send");
    result.expect(port->is_pending(), "a poll sees it");
    port->clear_pending();
    result.expect(!port->is_pending(), "and takes it");
    result.works(port->unmask(), "unmask");
    std::uint32_t count = co_await test::settle(events, expected);
    result.equal(count, expected, "events after the poll");
    result.works(port->send(), "send");
    count = co_await test::settle(events, ++expected);
    result.equal(count, expected, "and it works on");
  }
}

runtime::Task<> closes(Test& test) {
  Case result{test.ktap, "a closed port frees its peer and its number, and is masked for the next owner"};
  Counter far_events;
  auto far = test.guest.events().alloc_unbound(abi::domain_self, test.ready(test.guest.cpus() - 1), &far_events);
  if (!result.works(far, "alloc_unbound")) {
    co_return;
  }
  for (std::uint32_t round = 0; round < 3; ++round) {
    Counter near_events;
    auto near = test.guest.events().bind_interdomain(abi::domain_self, far->port(), test.ready(0), &near_events);
    if (!result.works(near, "bind_interdomain")) {
      co_return;
    }
    std::uint32_t count = co_await test::settle(near_events, 1);
    result.works(near->send(), "send");
    count = co_await test::settle(far_events, round + 1);
    result.equal(count, round + 1, "events at the far end");
    const Port number = near->port();
    result.works(near->close(), "close");
    result.expect(!*near, "the object is empty");
    const auto closed = status_of(test.guest, number);
    result.expect(closed && closed->status == Evtchn_state::closed, "Xen says closed");
    const auto peer = far->status();
    result.expect(
        peer && peer->status == Evtchn_state::unbound && peer->vcpu == test.ready(test.guest.cpus() - 1).vcpu(),
        "the peer is unbound, on its vCPU still");
    result.works(far->send(), "sending to a peer that is gone");
  }
  {
    Counter old_events;
    auto old = test.guest.events().bind_ipi(test.ready(0), &old_events, guest::Initially::masked);
    if (!result.works(old, "bind_ipi")) {
      co_return;
    }
    const Port number = old->port();
    result.works(old->send(), "send");
    result.works(old->close(), "close while an event waits");
    Counter events;
    const auto port = test.guest.events().bind_ipi(test.ready(0), &events, guest::Initially::masked);
    if (!result.works(port, "bind_ipi")) {
      co_return;
    }
    result.expect(port->port() == number, "the lowest free number is given out again");
    result.expect(!port->is_pending(), "without its former owner's event");
    result.works(port->send(), "send");
    std::uint32_t count = co_await test::settle(events, 0);
    result.equal(count, 0, "events while it is masked");
    result.works(port->unmask(), "unmask");
    count = co_await test::settle(events, 1);
    result.equal(count, 1, "events of its own");
    result.equal(old_events.events(), 0, "events of its former owner");
  }
}

void priorities(Test& test) {
  Case result{test.ktap, test.fifo() ? "16 priorities can be set, and no others" : "2-level has no priorities"};
  const auto port = test.guest.events().bind_ipi(test.ready(0), nullptr);
  if (!result.works(port, "bind_ipi")) {
    return;
  }
  using Set = abi::Evtchn_set_priority;
  constexpr auto set = Event_channel_op::set_priority;
  if (!test.fifo()) {
    result.refused(port->set_priority(3), abi::Errno::enosys, "set_priority");
    result.refused(raw(test.guest, set, Set{.port = no_port, .priority = 3}), abi::Errno::einval, "of port 5000");
    return;
  }
  for (std::uint32_t priority = abi::fifo_priority_highest; priority <= abi::fifo_priority_lowest; ++priority) {
    result.works(port->set_priority(priority), "set_priority");
  }
  result.refused(port->set_priority(abi::fifo_priority_lowest + 1), abi::Errno::einval, "priority 16");
  result.refused(raw(test.guest, set, Set{.port = Port{0}, .priority = 3}), abi::Errno::eacces, "of port 0");
  result.refused(raw(test.guest, set, Set{.port = no_port, .priority = 3}), abi::Errno::einval, "of port 5000");
  auto gone = test.guest.events().bind_ipi(test.ready(0), nullptr);
  if (result.works(gone, "bind_ipi")) {
    const Port number = gone->port();
    result.works(gone->close(), "close");
    result.refused(raw(test.guest, set, Set{.port = number, .priority = 3}), abi::Errno::eacces, "of a free port");
  }
}

}  // namespace event_ops
