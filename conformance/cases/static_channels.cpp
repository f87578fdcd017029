// SPDX-License-Identifier: MIT
// Event channels between two domains that Xen has made at boot, which XSM has no say in.
#include <arch/processor.hpp>
#include <conformance/grants.hpp>
#include <conformance/peer.hpp>

#include "pair_subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Evtchn_state;
namespace channel = static_channel;

void bound_at_boot(Bench& bench, Peer& peer) {
  for (const Static_channel& one : channel::all) {
    if (one.first == channel::first_is_here.first || one.first == channel::second_is_here.first) {
      continue;
    }
    const abi::Evtchn_status status = status_of(peer.here(one));
    bench.check("a port is", number(status.status), number(Evtchn_state::interdomain));
    bench.check("its peer's port", status.u.interdomain.port.value(), peer.there(one).value());
    bench.check_that("its peer's domain is the other one", status.u.interdomain.dom == peer.domain());
    bench.check("its vCPU", status.vcpu.value(), 0);
  }
  bench.check_not("the other one is this one", peer.domain() == own_number(bench));
}

void not_pending_at_boot(Bench& bench, Peer& peer) {
  bench.check_not("the first domain's end was pending", peer.link_was_pending());
}
void pending_at_boot(Bench& bench, Peer& peer) {
  bench.check_that("the second domain's end was pending", peer.link_was_pending());
}

void sends(Bench& bench, Peer& peer) {
  const Port link = peer.here(channel::link);
  bench.check("send", send(link), 0);
  bench.check_not("the own end is pending", is_pending(bench, link));
  peer.hand_over();
  bench.check_that("the first domain's end is pending", is_pending(bench, link));
  bench.check_that("an upcall", upcall(bench));
}
void answers(Bench& bench, Peer& peer) {
  const Port link = peer.here(channel::link);
  bench.check_that("the second domain's end is pending", is_pending(bench, link));
  clear_pending(bench, link);
  bench.check("send back", send(link), 0);
  bench.check_not("the own end is pending", is_pending(bench, link));
  peer.hand_over();
}

void sends_twice(Bench& bench, Peer& peer) {
  bench.check("send", send(peer.here(channel::link)), 0);
  bench.check("send again", send(peer.here(channel::link)), 0);
}
void takes_once(Bench& bench, Peer& peer) {
  const Port link = peer.here(channel::link);
  bench.check_that("pending", is_pending(bench, link));
  clear_pending(bench, link);
  bench.check_not("pending once more", is_pending(bench, link));
}

void sends_to_a_mask(Bench& bench, Peer& peer) {
  peer.hand_over();
  bench.check("send", send(peer.here(channel::link)), 0);
}
void masks(Bench& bench, Peer& peer) {
  const Port link = peer.here(channel::link);
  mask(bench, link);
  peer.hand_over();
  bench.check_that("pending", is_pending(bench, link));
  bench.check_not("an upcall", upcall(bench));
  bench.check("unmask", unmask(link), 0);
  bench.check_that("an upcall", upcall(bench));
}

void sends_after_a_move(Bench& bench, Peer& peer) {
  peer.hand_over();
  bench.check("send", send(peer.here(channel::link)), 0);
}
void moves(Bench& bench, Peer& peer) {
  const Port link = peer.here(channel::link);
  bench.check("bind_vcpu to vCPU 1", bind_vcpu(link, Vcpu_id{1}), 0);
  bench.check("its vCPU", status_of(link).vcpu.value(), 1);
  peer.hand_over();
  bench.check_that("pending", is_pending(bench, link));
  bench.check_not("an upcall for vCPU 0", upcall(bench));
  bench.check("back to vCPU 0", bind_vcpu(link, self), 0);
}

void polls(Bench& bench, Peer& peer) {
  Port ports[] = {peer.here(channel::link)};
  mask(bench, ports[0]);
  peer.give_turn();
  bench.check("poll",
              sched_op(abi::Sched_op::poll,
                       abi::Sched_poll{.ports = abi::Guest_handle{ports}, .nr_ports = 1, .timeout = 0}),
              0);
  bench.check_that("pending", is_pending(bench, ports[0]));
  peer.await_turn();
}
void wakes(Bench& bench, Peer& peer) {
  bench.check("send", send(peer.here(channel::link)), 0);
  peer.hand_over();
}

void closes(Bench& bench, Peer& peer) {
  const Port spare = peer.here(channel::spare);
  bench.check("close", close(spare), 0);
  bench.check("it is", state_of(spare), number(Evtchn_state::closed));
  peer.hand_over();
  const Binding again = bind_interdomain(peer.there(channel::spare), peer.domain());
  bench.check("bind_interdomain to what is left", again.result, peer.unless_apart(-Errno::eperm, 0));
  if (again.result == 0) {
    bench.check("at the first free port", again.port.value(), first_free_port.value());
  }
  peer.hand_over();
}
void is_left(Bench& bench, Peer& peer) {
  const Port spare = peer.here(channel::spare);
  const abi::Evtchn_status left = status_of(spare);
  bench.check("the other end is", number(left.status), number(Evtchn_state::unbound));
  bench.check_that("for the domain that closed", left.u.unbound == peer.domain());
  bench.check("send on it", send(spare), 0);
  peer.hand_over();
  bench.check("after that it is", state_of(spare),
              peer.unless_apart(number(Evtchn_state::unbound), number(Evtchn_state::interdomain)));
  bench.check("close", close(spare), 0);
  peer.hand_over();
}

void resets(Bench& bench, Peer& peer) {
  bench.check("reset", reset(), 0);
  bench.check("the link is", state_of(peer.here(channel::link)), number(Evtchn_state::closed));
  bench.check("the turns' channel is", state_of(peer.here(channel::turns)), number(Evtchn_state::closed));
}
void is_reset(Bench& bench, Peer& peer) {
  // The ports are closed one after the other, and the link's is behind the turns'.
  while (state_of(peer.here(channel::link)) == number(Evtchn_state::interdomain)) {
    arch::relax();
  }
  const abi::Evtchn_status left = status_of(peer.here(channel::turns));
  bench.check("the turns' channel is", number(left.status), number(Evtchn_state::unbound));
  bench.check_that("for the domain that was reset", left.u.unbound == peer.domain());
  bench.check("send on it", send(peer.here(channel::turns)), 0);
}

constexpr Pair_case cases[] = {
    {"a static channel is there at both ends when its domains start",
     "xen,evtchn: the local port, and the node of the remote one ([xen] docs/misc/arm/device-tree/booting.txt)",
     bound_at_boot, bound_at_boot},
    {"of a static channel's ends the one of the domain made last starts pending",
     "Whoever binds is told at once ([xen] event_channel.c, evtchn_bind_interdomain)", not_pending_at_boot,
     pending_at_boot, "no document says that a static channel's port may be pending before anybody has sent"},
    {"events pass a static channel both ways, whatever XSM says of the two domains",
     "EVTCHNOP_send asks no policy about a bound port of the caller's ([xen] event_channel.c)", sends, answers},
    {"two events that nobody has taken are one event",
     "A pending bit that is set already stays as it is ([xen] event_2l.c)", sends_twice, takes_once},
    {"a peer's event waits behind a mask", "A masked port sets its pending bit and nothing else ([xen] event_2l.c)",
     sends_to_a_mask, masks},
    {"a static channel can be moved to another vCPU",
     "EVTCHNOP_bind_vcpu moves interdomain ports ([xen] event_channel.h)", sends_after_a_move, moves},
    {"a vCPU that polls a port is woken by its peer's event",
     "SCHEDOP_poll blocks until a port is pending, masked or not ([xen] sched.h)", polls, wakes},
    {"a static channel that one domain closes is unbound at the other, and by SILO it cannot be had again",
     "Closing puts the remote end into the unbound state; binding asks XSM ([xen] event_channel.h, xsm/silo.c)",
     closes, is_left},
};

// The end of all turns: after everything else.
constexpr Pair_case last_cases[] = {
    {"a reset of one domain closes its static channels, and leaves the other's unbound",
     "EVTCHNOP_reset: all event channels of the domain are closed ([xen] event_channel.h)", resets, is_reset,
     nullptr, true},
};

}  // namespace

constinit const Pair_subject static_channels_subject{"static_channels", cases};
constinit const Pair_subject parting_subject{"parting", last_cases};

}  // namespace enlighten::conformance
