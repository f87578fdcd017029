// SPDX-License-Identifier: MIT
// Taking turns by event channels, and one side of all cases.
#include <conformance/peer.hpp>

#include <algorithm>

#include <arch/processor.hpp>
#include <conformance/words.hpp>

namespace enlighten::conformance {
namespace {

using abi::Evtchn_state;

// Ports beyond are used by no case.
constexpr std::uint32_t ports_in_use = abi::two_level_bits_per_word;

[[nodiscard]] bool is_static(Port port) noexcept {
  return std::ranges::any_of(static_channel::all, [&](const Static_channel& channel) {
    return port == channel.first || port == channel.second;
  });
}

// The turns' channel is masked: its events ask for no upcall, so that an upcall is always one for the case.
void forget_events(Bench& bench, Port turns) noexcept {
  for (std::uint64_t& word : bench.shared_info().evtchn_pending) {
    put(word, 0);
  }
  for (std::uint64_t& word : bench.shared_info().evtchn_mask) {
    put(word, 0);
  }
  mask(bench, turns);
  acknowledge(bench);
}

}  // namespace

// Nothing can be read from an event here: some ports are pending from the start, and which is for a case to find
// out. That a channel has been closed can be seen at any time from its other end.
bool Peer::meet() noexcept {
  for (const Static_channel& channel : static_channel::all) {
    const abi::Evtchn_status status = status_of(here(channel));
    const bool here_already = status.status == Evtchn_state::unbound;
    if (status.status != Evtchn_state::interdomain && !here_already) {
      return false;
    }
    domain_ = here_already ? status.u.unbound : status.u.interdomain.dom;
  }
  link_was_pending_ = is_pending(bench_, here(static_channel::link));
  const bool first = side_ == Side::first;
  const Static_channel& ours = first ? static_channel::first_is_here : static_channel::second_is_here;
  const Static_channel& theirs = first ? static_channel::second_is_here : static_channel::first_is_here;
  forget_events(bench_, here(static_channel::turns));
  static_cast<void>(close(here(ours)));
  while (state_of(here(theirs)) == number(Evtchn_state::interdomain)) {
    arch::relax();
  }
  static_cast<void>(close(here(theirs)));
  return true;
}

void Peer::start_afresh() noexcept {
  for (std::uint32_t port = 1; port < ports_in_use; ++port) {
    if (!is_static(Port{port})) {
      static_cast<void>(close(Port{port}));
    }
  }
  forget_events(bench_, here(static_channel::turns));
}

void Peer::give_turn() noexcept {
  static_cast<void>(send(here(static_channel::turns)));
}

void Peer::await_turn() noexcept {
  while (!is_pending(bench_, here(static_channel::turns))) {
    arch::relax();
  }
  clear_pending(bench_, here(static_channel::turns));
}

namespace {

// What one side does of a case, between the moment it may start and the moment it is done.
void take_part(Bench& bench, Peer& peer, const Pair_case& one) noexcept {
  const auto act = peer.side() == Side::first ? one.first : one.second;
  if (peer.side() == Side::first) {
    peer.start_afresh();
    peer.hand_over();
    if (act != nullptr) {
      act(bench, peer);
    }
    if (!one.parting) {
      peer.hand_over();
    }
    return;
  }
  peer.await_turn();
  peer.start_afresh();
  peer.give_turn();
  if (!one.parting) {
    peer.await_turn();
  }
  if (act != nullptr) {
    act(bench, peer);
  }
  if (!one.parting) {
    peer.give_turn();
  }
}

}  // namespace

report::Verdict run_side(Machine& machine, Side side, report::Line_sink& sink) noexcept {
  report::Ktap ktap{sink};
  Bench bench{machine, ktap};
  Peer peer{bench, side};
  if (!peer.meet()) {
    ktap.skip("two domains",
              "Xen has made no event channels between them; conformance/README.md lists those needed");
    return ktap.finish();
  }
  for (const Pair_subject* const subject : pair_subjects()) {
    for (const Pair_case& one : subject->cases) {
      bench.next_case();
      take_part(bench, peer, one);
      if ((side == Side::first ? one.first : one.second) != nullptr) {
        bench.conclude(one.name, one.promise, one.departure);
      }
    }
  }
  ktap.diagnose_format("values: %lu", static_cast<unsigned long>(bench.values()));
  return ktap.finish();
}

}  // namespace enlighten::conformance
