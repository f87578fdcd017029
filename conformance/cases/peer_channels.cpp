// SPDX-License-Identifier: MIT
// Event channels that one domain offers and another binds: by SILO not at all.
#include <conformance/peer.hpp>

#include "pair_subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Evtchn_state;

// A port for the peer, at the number that the peer expects.
[[nodiscard]] bool offer(Bench& bench, Peer& peer) noexcept {
  const Binding offered = alloc_unbound(abi::domain_self, peer.domain());
  if (!bench.check("alloc_unbound for the peer", offered.result, peer.unless_apart(-Errno::eperm, 0)) ||
      offered.result != 0) {
    return false;
  }
  return bench.check("its port", offered.port.value(), first_free_port.value());
}

void offers(Bench& bench, Peer& peer) {
  if (offer(bench, peer)) {
    const abi::Evtchn_status status = status_of(first_free_port);
    bench.check("it is", number(status.status), number(Evtchn_state::unbound));
    bench.check_that("for the peer", status.u.unbound == peer.domain());
  }
}

void for_the_peer(Bench& bench, Peer& peer) {
  bench.check("alloc_unbound in the peer, for us", alloc_unbound(peer.domain(), abi::domain_self).result,
              -Errno::eperm);
  bench.check("alloc_unbound in the peer, for it", alloc_unbound(peer.domain(), peer.domain()).result,
              -Errno::eperm);
}

void offers_and_looks(Bench& bench, Peer& peer) {
  const bool offered = offer(bench, peer);
  peer.hand_over();
  if (!offered) {
    return;
  }
  bench.check("once bound it is", state_of(first_free_port), number(Evtchn_state::interdomain));
  bench.check_not("it is pending", is_pending(bench, first_free_port));
  bench.check("send", send(first_free_port), 0);
}
void binds(Bench& bench, Peer& peer) {
  const Binding bound_to = bind_interdomain(first_free_port, peer.domain());
  // By SILO there is no port that waits for us, and that is looked at before the policy.
  bench.check("bind_interdomain", bound_to.result, peer.unless_apart(-Errno::einval, 0));
  if (bound_to.result != 0) {
    peer.hand_over();
    return;
  }
  bench.check_that("it is pending from the start", is_pending(bench, bound_to.port));
  clear_pending(bench, bound_to.port);
  bench.check("bind_interdomain again", bind_interdomain(first_free_port, peer.domain()).result, -Errno::einval);
  peer.hand_over();
  bench.check_that("pending by the peer's event", is_pending(bench, bound_to.port));
}

void offers_to_itself(Bench& bench, Peer& /*peer*/) {
  bench.check("alloc_unbound for oneself", alloc_unbound().result, 0);
}
void binds_what_is_not_offered(Bench& bench, Peer& peer) {
  bench.check("bind_interdomain to a port that waits for another",
              bind_interdomain(first_free_port, peer.domain()).result, -Errno::einval);
  bench.check("bind_interdomain to a port that is bound",
              bind_interdomain(peer.there(static_channel::link), peer.domain()).result, -Errno::einval);
  bench.check("bind_interdomain to a free port", bind_interdomain(Port{60}, peer.domain()).result, -Errno::einval);
  bench.check("bind_interdomain to port 5000", bind_interdomain(no_port, peer.domain()).result, -Errno::einval);
}

void offers_and_closes(Bench& bench, Peer& peer) {
  const bool offered = offer(bench, peer);
  peer.hand_over();
  if (offered) {
    bench.check("close", close(first_free_port), 0);
  }
  peer.hand_over();
}
void sees_it_closed(Bench& bench, Peer& peer) {
  const Binding bound_to = bind_interdomain(first_free_port, peer.domain());
  bench.check("bind_interdomain", bound_to.result, peer.unless_apart(-Errno::einval, 0));
  peer.hand_over();
  if (bound_to.result == 0) {
    const abi::Evtchn_status left = status_of(bound_to.port);
    bench.check("what is left is", number(left.status), number(Evtchn_state::unbound));
    bench.check_that("for the peer", left.u.unbound == peer.domain());
    bench.check("send on it", send(bound_to.port), 0);
  }
  peer.hand_over();
}

void asks_about_ports(Bench& bench, Peer& peer) {
  abi::Evtchn_status argument{.dom = peer.domain(), .port = peer.there(static_channel::link)};
  bench.check("status of a port of the peer's", ask_status(argument), -Errno::eperm);
  bench.check("reset of the peer", reset(peer.domain()), -Errno::eperm);
}
void is_untouched(Bench& bench, Peer& peer) {
  bench.check("the link is", state_of(peer.here(static_channel::link)), number(Evtchn_state::interdomain));
}

constexpr Pair_case cases[] = {
    {"a port is offered to another domain only if SILO is off",
     "EVTCHNOP_alloc_unbound; silo_evtchn_unbound() ([xen] event_channel.h, xsm/silo.c)", offers, nullptr},
    {"no domain makes ports in another one",
     "dom other than DOMID_SELF is for control domains ([xen] event_channel.h)", for_the_peer, for_the_peer},
    {"a port that waits for a domain is bound by it once, and the binding end is born pending",
     "EVTCHNOP_bind_interdomain ([xen] event_channel.h)", offers_and_looks, binds},
    {"only a port that waits for the caller can be bound to, whatever XSM says",
     "EVTCHNOP_bind_interdomain: EINVAL comes before the policy's EPERM ([xen] event_channel.c)", offers_to_itself,
     binds_what_is_not_offered},
    {"a channel that its peer closes is unbound, and an event on it is dropped",
     "Closing puts the remote end into the unbound state ([xen] event_channel.h)", offers_and_closes,
     sees_it_closed},
    {"nobody looks at another domain's ports, or resets them",
     "EVTCHNOP_status and EVTCHNOP_reset of another domain are for control domains ([xen] event_channel.h)",
     asks_about_ports, is_untouched},
};

}  // namespace

constinit const Pair_subject peer_channels_subject{"peer_channels", cases};

}  // namespace enlighten::conformance
