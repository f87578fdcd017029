// SPDX-License-Identifier: MIT
// The FIFO event ABI, one event at a time: what Xen does to its word, the queue's head, `ready` and the upcall
// flag.
#include <conformance/fifo.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

namespace bits = abi::event_word;

struct Fifo_ipi : Fifo {
  explicit Fifo_ipi(Bench& bench) noexcept : Fifo{bench}, port{no_port} {
    expand();
    port = bound(bench, "bind_ipi", bind_ipi(self));
  }

  Port port;
};

void sent(Bench& bench) {
  Fifo_ipi fifo{bench};
  fifo.check_word("word at first", fifo.port, 0);
  bench.check("send", send(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  fifo.check_ready(default_ready);
  fifo.check_head(default_queue, fifo.port);
  bench.check_that("an upcall", upcall(bench));
  bench.check_bits("selector", get(bench.vcpu_info().evtchn_pending_sel), 0);
  bench.check_not("pending in shared_info", is_pending(bench, fifo.port));
}

void merged(Bench& bench) {
  Fifo_ipi fifo{bench};
  bench.check("send", send(fifo.port), 0);
  acknowledge(bench);
  bench.check("send again", send(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  bench.check_not("another upcall", upcall(bench));
  fifo.take(fifo.port);
  bench.check("send after it was taken", send(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  fifo.check_ready(default_ready);
  bench.check_that("another upcall", upcall(bench));
}

void masked(Bench& bench) {
  Fifo_ipi fifo{bench};
  fifo.set(fifo.port, bits::masked);
  bench.check("send", send(fifo.port), 0);
  fifo.check_word("word", fifo.port, bits::pending | bits::masked);
  fifo.check_ready(0);
  bench.check_not("an upcall", upcall(bench));
  bench.check("unmask", unmask(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  fifo.check_ready(default_ready);
  fifo.check_head(default_queue, fifo.port);
  bench.check_that("an upcall", upcall(bench));
}

void unmasked_without_event(Bench& bench) {
  Fifo_ipi fifo{bench};
  fifo.set(fifo.port, bits::masked);
  bench.check("unmask", unmask(fifo.port), 0);
  fifo.check_word("word", fifo.port, 0);
  bench.check_not("an upcall", upcall(bench));
}

void unmasked_by_hand(Bench& bench) {
  // Other than 2-level: the call raises what is pending although the mask was gone before.
  Fifo_ipi fifo{bench};
  fifo.set(fifo.port, bits::masked);
  bench.check("send", send(fifo.port), 0);
  fifo.clear(fifo.port, bits::masked);
  fifo.check_word("word", fifo.port, bits::pending);
  bench.check("unmask", unmask(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  bench.check_that("an upcall", upcall(bench));
}

void masked_while_linked(Bench& bench) {
  Fifo_ipi fifo{bench};
  bench.check("send", send(fifo.port), 0);
  acknowledge(bench);
  fifo.set(fifo.port, bits::masked);
  bench.check("send while masked", send(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked | bits::masked);
  bench.check_not("an upcall", upcall(bench));
  bench.check("unmask", unmask(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  bench.check_not("an upcall", upcall(bench));
}

void pending_but_unlinked(Bench& bench) {
  Fifo_ipi fifo{bench};
  bench.check("send", send(fifo.port), 0);
  put(fifo.block().ready, 0);
  fifo.clear(fifo.port, bits::linked | bits::link);
  acknowledge(bench);
  bench.check("send", send(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  fifo.check_ready(default_ready);
  bench.check_that("an upcall", upcall(bench));
}

void ready_already(Bench& bench) {
  Fifo_ipi fifo{bench};
  bench.check("send", send(fifo.port), 0);
  // Taken, but `ready` is not cleared: whoever owns the bit will look at the queue once more.
  fifo.clear(fifo.port, bits::linked | bits::link);
  fifo.clear(fifo.port, bits::pending);
  acknowledge(bench);
  bench.check("send", send(fifo.port), 0);
  fifo.check_word("word", fifo.port, pending_and_linked);
  fifo.check_ready(default_ready);
  bench.check_not("an upcall", upcall(bench));
}

void closed_while_linked(Bench& bench) {
  Fifo_ipi fifo{bench};
  bench.check("send", send(fifo.port), 0);
  bench.check("close", close(fifo.port), 0);
  fifo.check_word("word", fifo.port, bits::linked);
  bench.check("the port is", state_of(fifo.port), number(abi::Evtchn_state::closed));
  const Port next = bound(bench, "bind_ipi", bind_ipi(self));
  bench.check("the next port", next.value(), fifo.port.value() + 1);
  // Only the guest takes a port off a queue.
  fifo.clear(fifo.port, bits::linked | bits::link);
  bench.check("the one after", bound(bench, "bind_ipi", bind_ipi(self)).value(), fifo.port.value());
}

void closed_while_masked(Bench& bench) {
  Fifo_ipi fifo{bench};
  fifo.set(fifo.port, bits::masked);
  bench.check("send", send(fifo.port), 0);
  bench.check("close", close(fifo.port), 0);
  fifo.check_word("word", fifo.port, bits::masked);
  bench.check("the next port", bound(bench, "bind_ipi", bind_ipi(self)).value(), fifo.port.value());
}

void loop(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  const Port far = bound(bench, "alloc_unbound", alloc_unbound());
  const Port near = bound(bench, "bind_interdomain", bind_interdomain(far));
  fifo.check_word("word of the binding end", near, pending_and_linked);
  fifo.check_word("word of the other end", far, 0);
  bench.check_that("an upcall", upcall(bench));
  fifo.take(near);
  bench.check("send on the near one", send(near), 0);
  fifo.check_word("word of the far one", far, pending_and_linked);
  fifo.check_word("word of the near one", near, 0);
}

void other_vcpu(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  auto& block = *bench.page<abi::Evtchn_fifo_control_block>();
  constexpr Vcpu_id other{2};
  bench.check("init_control of vCPU 2, which is off", init_control(other, frame_of(&block), 0), 0);
  const Port port = bound(bench, "bind_ipi", bind_ipi(other));
  bench.check("send", send(port), 0);
  fifo.check_word("word", port, pending_and_linked);
  bench.check_bits("ready of vCPU 2", get(block.ready), default_ready);
  bench.check("head of vCPU 2", get(block.head[default_queue]), port.value());
  bench.check_bits("ready of vCPU 0", get(fifo.block().ready), 0);
  bench.check_not("an upcall for vCPU 0", upcall(bench));
}

void lost(Bench& bench) {
  Fifo fifo{bench};
  fifo.expand();
  constexpr Vcpu_id other{1};
  const Port port = bound(bench, "bind_ipi to a vCPU without control block", bind_ipi(other));
  bench.check("send", send(port), 0);
  fifo.check_word("word", port, 0);
  auto& block = *bench.page<abi::Evtchn_fifo_control_block>();
  bench.check("init_control of that vCPU", init_control(other, frame_of(&block), 0), 0);
  fifo.check_word("word", port, 0);
  bench.check_bits("ready", get(block.ready), 0);
  bench.check("send", send(port), 0);
  fifo.check_word("word", port, pending_and_linked);
  bench.check_bits("ready", get(block.ready), default_ready);
}

constexpr Case cases[] = {
    {"an event is pending and linked, heads its queue, makes it ready, and asks for an upcall",
     "Ports are linked to the queue of their priority, 7 at first; 2-level's words are not used "
     "([xen] event_channel.h, event_fifo.c)",
     sent},
    {"an event that is linked is not linked again, and asks for no upcall",
     "Only a word without LINKED is linked ([xen] event_fifo.c)", merged},
    {"a masked event is pending and nothing else, until EVTCHNOP_unmask links it",
     "MASKED keeps a port off its queue ([xen] event_channel.h)", masked},
    {"unmasking a port without an event links nothing",
     "EVTCHNOP_unmask raises what is pending ([xen] event_fifo.c)", unmasked_without_event},
    {"EVTCHNOP_unmask links what is pending although the guest cleared the mask",
     "evtchn_fifo_unmask() clears MASKED and looks at PENDING whatever MASKED was ([xen] event_fifo.c)",
     unmasked_by_hand},
    {"a mask set on a linked port leaves it linked", "Only the guest unlinks ([xen] event_channel.h)",
     masked_while_linked},
    {"an event that is pending and not linked is linked by the next", "LINKED alone decides ([xen] event_fifo.c)",
     pending_but_unlinked},
    {"a queue that is ready already asks for no upcall",
     "The upcall comes as the bit of `ready` goes from 0 to 1 "
     "([xen] event_fifo.c)",
     ready_already},
    {"a port closed while linked stays linked, and is not given out until the guest has unlinked it",
     "evtchn_port_is_busy(): LINKED ports are skipped ([xen] event_channel.c, event_fifo.c)", closed_while_linked},
    {"closing a port clears its event and leaves its mask", "evtchn_fifo_clear_pending() ([xen] event_fifo.c)",
     closed_while_masked},
    {"a port that is bound to a peer is born pending and linked",
     "Whoever binds is told at once "
     "([xen] event_channel.c)",
     loop},
    {"an event for another vCPU is linked to that vCPU's queue, even if it is off",
     "Each vCPU has a control block with queues of its own ([xen] event_channel.h)", other_vcpu},
    {"an event for a vCPU without a control block is lost, and nobody is told",
     "EVTCHNOP_send delivers an event or says why not ([xen] event_channel.h)", lost,
     "the send succeeds, no bit is set, and a control block registered later does not bring the event back"},
};

}  // namespace

constinit const Subject fifo_subject{"fifo", cases};

}  // namespace enlighten::conformance
