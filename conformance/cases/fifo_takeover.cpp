// SPDX-License-Identifier: MIT
// What becomes of events that were pending when a domain goes from 2-level to FIFO, and what is left of them.
//
// Xen remembers such an event for as long as the domain lives: each case here has a port of its own, and masks the
// others' words, so that none sees another's.
#include <conformance/fifo.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

namespace bits = abi::event_word;

// The IPI that is port `wanted`; those before it are bound as well.
[[nodiscard]] Port ipi_at(Bench& bench, Port wanted) noexcept {
  Binding next = bind_ipi(self);
  while (next.result == 0 && next.port < wanted) {
    next = bind_ipi(self);
  }
  bench.check("the port", next.port.value(), wanted.value());
  return next.port;
}

void pended_at_two_level(Bench& bench) {
  const Port port = ipi_at(bench, Port{41});
  bench.check("send", send(port), 0);
  bench.check_that("pending in shared_info", is_pending(bench, port));
  acknowledge(bench);
  Fifo fifo{bench, bits::masked};
  fifo.word(port) = 0;
  bench.check_not("an upcall", upcall(bench));
  fifo.expand();
  fifo.check_word("word", port, pending_and_linked);
  fifo.check_ready(default_ready);
  fifo.check_head(default_queue, port);
  bench.check_that("an upcall", upcall(bench));
}

void masked_at_two_level(Bench& bench) {
  const Port port = ipi_at(bench, Port{42});
  mask(bench, port);
  bench.check("send", send(port), 0);
  bench.check_not("an upcall", upcall(bench));
  Fifo fifo{bench, bits::masked};
  fifo.word(port) = 0;
  fifo.expand();
  fifo.check_word("word", port, pending_and_linked);
  bench.check_that("an upcall", upcall(bench));
}

void masked_by_the_word(Bench& bench) {
  const Port port = ipi_at(bench, Port{43});
  bench.check("send", send(port), 0);
  acknowledge(bench);
  Fifo fifo{bench, bits::masked};
  fifo.expand();
  fifo.check_word("word", port, bits::pending | bits::masked);
  bench.check_not("an upcall", upcall(bench));
  bench.check("unmask", unmask(port), 0);
  fifo.check_word("word", port, pending_and_linked);
}

void sent_without_array(Bench& bench) {
  Fifo fifo{bench, bits::masked};
  const Port port = ipi_at(bench, Port{44});
  bench.check("send", send(port), 0);
  bench.check_not("an upcall", upcall(bench));
  fifo.word(port) = 0;
  fifo.expand();
  fifo.check_word("word", port, pending_and_linked);
  fifo.check_head(default_queue, port);
  bench.check_that("an upcall", upcall(bench));
}

void not_pending(Bench& bench) {
  const Port port = ipi_at(bench, Port{45});
  Fifo fifo{bench, bits::masked};
  fifo.word(port) = 0;
  fifo.expand();
  fifo.check_word("word", port, 0);
  fifo.check_ready(0);
  bench.check("send", send(port), 0);
  fifo.check_word("word", port, pending_and_linked);
}

void stale(Bench& bench) {
  const Port port = ipi_at(bench, Port{46});
  bench.check("send", send(port), 0);
  acknowledge(bench);
  Fifo first{bench, bits::masked};
  first.word(port) = 0;
  first.expand();
  first.check_word("word", port, pending_and_linked);
  first.take(port);
  bench.check("reset", reset(), 0);

  Fifo second{bench, bits::masked};
  second.word(port) = 0;
  second.expand();
  bench.check("the port is", state_of(port), number(abi::Evtchn_state::closed));
  second.check_word("its word", port, pending_and_linked);
  second.check_ready(default_ready);
  bench.check_that("an upcall", upcall(bench));
  // Linked, it counts as busy until the guest has unlinked it.
  static_cast<void>(ipi_at(bench, Port{45}));
  bench.check("the port after 45", bound(bench, "bind_ipi", bind_ipi(self)).value(), 47);
}

constexpr Case cases[] = {
    {"an event pended at 2-level is delivered as soon as its word exists",
     "Events that are pending at the switch are not lost ([xen] event_fifo.c, setup_ports)", pended_at_two_level},
    {"2-level's masks end with 2-level",
     "MASKED is in the event words, which are the guest's ([xen] event_channel.h)", masked_at_two_level},
    {"an event pended at 2-level waits if its word is masked",
     "MASKED keeps a port off its queue "
     "([xen] event_channel.h)",
     masked_by_the_word},
    {"an event sent before its word exists is delivered as soon as it does",
     "An event without an array page is remembered ([xen] event_fifo.c)", sent_without_array},
    {"a port without an event is quiet after the switch",
     "Only what is pending is carried over ([xen] event_fifo.c)", not_pending},
    {"an event pended before the array is raised again after a reset, on a port that is free",
     "EVTCHNOP_reset closes all event channels ([xen] event_channel.h)", stale,
     "evtchn->pending is set before the array exists and never cleared: it outlives EVTCHNOP_reset"},
};

}  // namespace

constinit const Subject fifo_takeover_subject{"fifo_takeover", cases};

}  // namespace enlighten::conformance
