// SPDX-License-Identifier: MIT
// The FIFO event ABI's queues: order, priorities, and ports that change theirs.
#include <conformance/fifo.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
namespace bits = abi::event_word;

[[nodiscard]] Port ipi(Bench& bench) noexcept {
  return bound(bench, "bind_ipi", bind_ipi(self));
}

void order(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  const Port first = ipi(bench);
  const Port second = ipi(bench);
  const Port third = ipi(bench);
  bench.check("send on the third", send(third), 0);
  put(bench.vcpu_info().evtchn_upcall_pending, 0);
  bench.check("send on the first", send(first), 0);
  bench.check("send on the second", send(second), 0);
  fifo.check_head(default_queue, third);
  fifo.check_word("word of the third", third, pending_and_linked | first.value());
  fifo.check_word("word of the first", first, pending_and_linked | second.value());
  fifo.check_word("word of the second", second, pending_and_linked);
  bench.check_not("another upcall", upcall(bench));
}

void empty_tail(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  const Port first = ipi(bench);
  const Port second = ipi(bench);
  bench.check("send on the first", send(first), 0);
  fifo.take(first);
  bench.check("send on the second", send(second), 0);
  fifo.check_word("word of the first", first, 0);
  fifo.check_word("word of the second", second, pending_and_linked);
  fifo.check_head(default_queue, second);
  fifo.check_ready(default_ready);
  bench.check_that("an upcall", upcall(bench));
}

void taken_in_the_middle(Bench& bench) {
  // The head is taken, the rest is not: what comes goes behind the rest.
  Fifo fifo{bench};
  fifo.expand();
  const Port first = ipi(bench);
  const Port second = ipi(bench);
  bench.check("send on the first", send(first), 0);
  bench.check("send on the second", send(second), 0);
  fifo.clear(first, bits::linked | bits::link);
  fifo.clear(first, bits::pending);
  bench.check("send on the first", send(first), 0);
  fifo.check_word("word of the second", second, pending_and_linked | first.value());
  fifo.check_word("word of the first", first, pending_and_linked);
}

void priority_refusals(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  const Port port = ipi(bench);
  bench.check("16", set_priority(port, 16), -Errno::einval);
  bench.check("0xffffffff", set_priority(port, ~0U), -Errno::einval);
  bench.check("15", set_priority(port, 15), 0);
  bench.check("0", set_priority(port, 0), 0);
  bench.check("of port 0", set_priority(Port{0}, 3), -Errno::eacces);
  bench.check("of a free port", set_priority(Port{30}, 3), -Errno::eacces);
  bench.check("of port 5000", set_priority(no_port, 3), -Errno::einval);
}

void priorities(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  for (std::uint32_t priority = 0; priority <= abi::fifo_priority_lowest; ++priority) {
    const Port port = ipi(bench);
    bench.check("set_priority", set_priority(port, priority), 0);
    bench.check("send", send(port), 0);
    fifo.check_ready((2U << priority) - 1);
    fifo.check_head(priority, port);
  }
}

void next_time(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  const Port port = ipi(bench);
  bench.check("send", send(port), 0);
  bench.check("set_priority", set_priority(port, 3), 0);
  fifo.clear(port, bits::pending);
  bench.check("send while linked", send(port), 0);
  fifo.check_ready(default_ready);
  fifo.check_head(3, Port{0});
  fifo.take(port);
  bench.check("send", send(port), 0);
  fifo.check_ready(1U << 3);
  fifo.check_head(3, port);
}

void forgotten(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  const Port port = ipi(bench);
  bench.check("set_priority", set_priority(port, 3), 0);
  bench.check("close", close(port), 0);
  bench.check("the same port again", ipi(bench).value(), port.value());
  bench.check("send", send(port), 0);
  fifo.check_ready(default_ready);
}

void moved_while_linked(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  auto& block = *bench.page<abi::Evtchn_fifo_control_block>();
  constexpr Vcpu_id other{1};
  bench.check("init_control of vCPU 1", init_control(other, frame_of(&block), 0), 0);
  const Port far = bound(bench, "alloc_unbound", alloc_unbound());
  const Port near = bound(bench, "bind_interdomain", bind_interdomain(far));
  fifo.take(near);
  bench.check("send on the near one", send(near), 0);
  fifo.check_head(default_queue, far);
  bench.check("the far one moves to vCPU 1", bind_vcpu(far, other), 0);
  fifo.clear(far, bits::pending);
  bench.check("send while linked", send(near), 0);
  fifo.check_word("word of the far one", far, pending_and_linked);
  bench.check_bits("ready of vCPU 1", get(block.ready), 0);
  fifo.take(far);
  bench.check("send", send(near), 0);
  fifo.check_ready(0);
  bench.check_bits("ready of vCPU 1", get(block.ready), default_ready);
  bench.check("head of vCPU 1", get(block.head[default_queue]), far.value());
  bench.check_not("an upcall for vCPU 0", upcall(bench));
}

void last_port(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  Binding next = bind_ipi(self);
  Port last = next.port;
  std::int64_t count = 0;
  while (next.result == 0) {
    ++count;
    last = next.port;
    next = bind_ipi(self);
  }
  bench.check("ports", count, 1023);
  bench.check("another", next.result, -Errno::enospc);
  bench.check("send on the last", send(last), 0);
  fifo.check_word("its word", last, pending_and_linked);
  fifo.check_head(default_queue, Port{1023});
}

constexpr Case cases[] = {
    {"events of one priority are linked in the order they come",
     "A queue is a list, new events at its tail "
     "([xen] event_channel.h)",
     order},
    {"an event for a queue whose last event was taken becomes its head",
     "Without LINKED the old tail is no longer on the queue ([xen] event_fifo.c, try_set_link)", empty_tail},
    {"an event for a queue of which some were taken goes behind the rest",
     "The tail is the last that was linked ([xen] event_fifo.c)", taken_in_the_middle},
    {"priorities are 0 to 15, of ports that are bound",
     "EVTCHNOP_set_priority: EINVAL for the priority, EACCES for a port nobody uses ([xen] event_channel.h)",
     priority_refusals},
    {"each priority has its queue and its bit of `ready`",
     "EVTCHN_FIFO_PRIORITY_MAX is 0, _MIN is 15 "
     "([xen] event_channel.h)",
     priorities},
    {"a linked port changes its priority with the next event",
     "The new queue is used when the port is linked next "
     "([xen] event_fifo.c)",
     next_time},
    {"a port that is bound anew has the default priority", "evtchn_fifo_init() ([xen] event_fifo.c)", forgotten},
    {"a linked port that is moved is on the old vCPU's queue once more",
     "An event that is linked stays where it is; the next linking is on the new vCPU ([xen] event_fifo.c)",
     moved_while_linked},
    {"FIFO does not make more ports", "max_evtchn_port holds for either ABI ([xen] event_channel.c)", last_port},
};

}  // namespace

constinit const Subject fifo_queues_subject{"fifo_queues", cases};

}  // namespace enlighten::conformance
