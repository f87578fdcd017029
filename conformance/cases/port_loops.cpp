// SPDX-License-Identifier: MIT
// Two ports of one domain, each the other's peer.
#include <conformance/ports.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Evtchn_state;

struct Loop {
  Port far;   // allocated
  Port near;  // bound to it
};

[[nodiscard]] Loop make_loop(Bench& bench) noexcept {
  const Port far = bound(bench, "alloc_unbound", alloc_unbound());
  return {far, bound(bench, "bind_interdomain", bind_interdomain(far))};
}

void born_pending(Bench& bench) {
  const Loop loop = make_loop(bench);
  bench.check_that("the binding end is pending", is_pending(bench, loop.near));
  bench.check_not("the other end is pending", is_pending(bench, loop.far));
  bench.check_that("an upcall", upcall(bench));
  bench.check_bits("selector", get(bench.vcpu_info().evtchn_pending_sel), 1);
}

void peers(Bench& bench) {
  const Loop loop = make_loop(bench);
  const abi::Evtchn_status far = status_of(loop.far);
  const abi::Evtchn_status near = status_of(loop.near);
  bench.check("state of the one", number(far.status), number(Evtchn_state::interdomain));
  bench.check("state of the other", number(near.status), number(Evtchn_state::interdomain));
  bench.check("the one's peer is the other", far.u.interdomain.port.value(), loop.near.value());
  bench.check("and the other way round", near.u.interdomain.port.value(), loop.far.value());
  bench.check_that("both are in the same domain", far.u.interdomain.dom == near.u.interdomain.dom);
  bench.check_not("which has a number of its own", far.u.interdomain.dom == abi::domain_self);
}

void both_ways(Bench& bench) {
  const Loop loop = make_loop(bench);
  clear_pending(bench, loop.near);
  acknowledge(bench);
  bench.check("send on the near one", send(loop.near), 0);
  bench.check_that("the far one is pending", is_pending(bench, loop.far));
  bench.check_not("the near one is pending", is_pending(bench, loop.near));
  bench.check_that("an upcall", upcall(bench));
  clear_pending(bench, loop.far);
  acknowledge(bench);
  bench.check("send on the far one", send(loop.far), 0);
  bench.check_that("the near one is pending", is_pending(bench, loop.near));
  bench.check_not("the far one is pending", is_pending(bench, loop.far));
}

void taken(Bench& bench) {
  const Loop loop = make_loop(bench);
  bench.check("to the far one", bind_interdomain(loop.far).result, -Errno::einval);
  bench.check("to the near one", bind_interdomain(loop.near).result, -Errno::einval);
}

void closed_end(Bench& bench) {
  const Loop loop = make_loop(bench);
  bench.check("the far one moves to vCPU 1", bind_vcpu(loop.far, Vcpu_id{1}), 0);
  bench.check("close of the near one", close(loop.near), 0);
  bench.check("the near one is", state_of(loop.near), number(Evtchn_state::closed));
  const abi::Evtchn_status left = status_of(loop.far);
  bench.check("the far one is", number(left.status), number(Evtchn_state::unbound));
  bench.check("its vCPU", left.vcpu.value(), 1);
  bench.check("send on it", send(loop.far), 0);
  bench.check_not("an event of that", is_pending(bench, loop.near));
  // Whoever accepts may be bound to again.
  const Port again = bound(bench, "bind_interdomain", bind_interdomain(loop.far));
  bench.check("the new peer has the old number", again.value(), loop.near.value());
  bench.check("the far one's vCPU", status_of(loop.far).vcpu.value(), 1);
}

void closed_far_end(Bench& bench) {
  const Loop loop = make_loop(bench);
  bench.check("close of the far one", close(loop.far), 0);
  bench.check("the near one is", state_of(loop.near), number(Evtchn_state::unbound));
  bench.check_that("for its own domain", bind_interdomain(loop.near).result == 0);
}

void closing_clears(Bench& bench) {
  const Loop loop = make_loop(bench);
  mask(bench, loop.near);
  bench.check_that("the near one is pending", is_pending(bench, loop.near));
  bench.check("close of it", close(loop.near), 0);
  bench.check_not("it is pending", is_pending(bench, loop.near));
  bench.check_that("it is masked", is_masked(bench, loop.near));
}

void on_two_vcpus(Bench& bench) {
  const Loop loop = make_loop(bench);
  clear_pending(bench, loop.near);
  acknowledge(bench);
  bench.check("the far one moves to vCPU 1", bind_vcpu(loop.far, Vcpu_id{1}), 0);
  bench.check("send on the near one", send(loop.near), 0);
  bench.check_that("the far one is pending", is_pending(bench, loop.far));
  bench.check_not("an upcall for vCPU 0", upcall(bench));
  bench.check_bits("selector of vCPU 0", get(bench.vcpu_info().evtchn_pending_sel), 0);
  // Pending already: moving it back raises nothing by itself.
  bench.check("the far one moves back", bind_vcpu(loop.far, self), 0);
  bench.check_not("an upcall for vCPU 0", upcall(bench));
}

constexpr Case cases[] = {
    {"a port that is bound to a peer is born pending, its peer is not",
     "Whoever binds is told at once: the peer may have sent before ([xen] event_channel.c, bind_interdomain)",
     born_pending},
    {"each end of a loop names the other", "EVTCHNOP_status, u.interdomain ([xen] event_channel.h)", peers},
    {"an event sent at one end is pending at the other, and nowhere else",
     "EVTCHNOP_send to the remote end of the channel ([xen] event_channel.h)", both_ways},
    {"a port has one peer", "The remote port must be unbound ([xen] event_channel.h)", taken},
    {"a port whose peer is closed is unbound, on its vCPU still, and accepts the next",
     "Closing puts the remote end into the unbound state ([xen] event_channel.h)", closed_end},
    {"closing the end that was bound to makes the other one wait for its own domain",
     "Closing puts the remote end into the unbound state ([xen] event_channel.h)", closed_far_end},
    {"closing a port clears its event and leaves its mask",
     "free_evtchn() clears the pending bit ([xen] event_channel.c)", closing_clears},
    {"an event is for the vCPU its port is bound to",
     "EVTCHNOP_bind_vcpu: the vCPU to notify ([xen] event_channel.h)", on_two_vcpus},
};

}  // namespace

constinit const Subject port_loops_subject{"port_loops", cases};

}  // namespace enlighten::conformance
