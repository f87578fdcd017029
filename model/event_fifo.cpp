// SPDX-License-Identifier: MIT
// Raising events through the FIFO ABI: how Xen sets, links and unmasks event words while the guest takes them.
#include <model/event_fifo.hpp>

#include <string>

#include <model/shared_word.hpp>

namespace enlighten::model {
namespace {

namespace bits = abi::event_word;

// A guest that keeps the rules changes a LINKED and BUSY word no more often than this: it masks it, clears PENDING,
// and unlinks it, each once ([xen] event_fifo.c, evtchn_fifo_set_link()).
constexpr int link_attempts = 4;

}  // namespace

void Event_fifo::set_pending(Event_channel& channel, Vcpu_id vcpu) {
  if (!words_.has(channel.port)) {
    channel.saved_pending = true;
    return;
  }
  if (vcpus_[vcpu.value()].block == nullptr) {
    lose(channel, vcpu);
    return;
  }
  const bool was_pending = (words_.set(channel.port, bits::pending) & bits::pending) != 0;
  if ((words_.load(channel.port) & bits::masked) == 0 &&
      (words_.set(channel.port, bits::linked) & bits::linked) == 0) {
    link(channel, vcpu);
  }
  if (!was_pending) {
    domain_.wake_pollers(channel.port);
  }
}

void Event_fifo::lose(Event_channel& channel, Vcpu_id vcpu) {
  if (!domain_.quirks().loses_events_without_control_block) {
    channel.awaits_control_block = true;
    return;
  }
  if (checking_ && !channel.blamed_for_loss) {
    channel.blamed_for_loss = true;
    domain_.blame_guest("event of port " + std::to_string(channel.port.value()) + " lost: vCPU " +
                        std::to_string(vcpu.value()) + ", which it is bound to, has no FIFO control block");
  }
}

void Event_fifo::link(Event_channel& channel, Vcpu_id vcpu) {
  // It may be the tail of the queue it was in last, which the guest then has emptied: nothing may be linked behind
  // it.
  const std::uint32_t port = channel.port.value();
  if (std::uint32_t& old_tail = tail_of(channel.last_vcpu, channel.last_priority); old_tail == port) {
    old_tail = 0;
  }
  channel.last_vcpu = vcpu;
  channel.last_priority = channel.priority;

  const std::uint32_t queue = channel.priority;
  std::uint32_t& tail = tail_of(vcpu, queue);
  const bool joined = tail != 0 && set_link(Port{tail}, channel.port);
  abi::Evtchn_fifo_control_block& block = *vcpus_[vcpu.value()].block;
  if (!joined) {
    Shared_word<std::uint32_t>{domain_, block.head[queue]}.store(port);
  }
  tail = port;
  if (joined) {
    return;
  }
  const std::uint32_t ready = std::uint32_t{1} << queue;
  if ((Shared_word<std::uint32_t>{domain_, block.ready}.set(ready) & ready) == 0) {
    mark_events_pending(domain_, vcpu);
  }
}

// BUSY keeps the guest from unmasking, the one change it could repeat without an end.
bool Event_fifo::set_link(Port tail, Port next) {
  abi::Event_word word = words_.load(tail);
  if (const std::optional<bool> linked = try_set_link(tail, word, next)) {
    return *linked;
  }
  words_.set(tail, bits::busy);
  word = words_.load(tail);
  for (int attempt = 0; attempt < link_attempts; ++attempt) {
    if (const std::optional<bool> linked = try_set_link(tail, word, next)) {
      if (!*linked) {
        words_.clear(tail, bits::busy);
      }
      return *linked;
    }
  }
  // Xen logs it and goes on as if the event were linked: `next` is never seen by the guest.
  words_.clear(tail, bits::busy);
  if (checking_) {
    domain_.blame_guest("FIFO event word of port " + std::to_string(tail.value()) +
                        " kept changing while it was BUSY: port " + std::to_string(next.value()) +
                        " is not linked");
  }
  return true;
}

std::optional<bool> Event_fifo::try_set_link(Port tail, abi::Event_word& word, Port next) {
  if ((word & bits::linked) == 0) {
    return false;
  }
  const abi::Event_word linked = (word & ~(bits::busy | bits::link)) | next.value();
  if (words_.compare_exchange(tail, word, linked)) {
    return true;
  }
  return std::nullopt;
}

// Only PENDING: a word that is linked is the guest's to unlink, and the port cannot be used again before.
void Event_fifo::clear_pending(Event_channel& channel) {
  if (words_.has(channel.port)) {
    words_.clear(channel.port, bits::pending);
  }
}

// Unlike the 2-level ABI whether it was masked or not.
void Event_fifo::unmask(Event_channel& channel) {
  if (!words_.has(channel.port)) {
    return;
  }
  words_.clear(channel.port, bits::masked);
  if ((words_.load(channel.port) & bits::pending) != 0) {
    set_pending(channel, channel.notify);
  }
}

bool Event_fifo::is_busy(Port port) {
  return words_.has(port) && (words_.load(port) & bits::linked) != 0;
}

bool Event_fifo::is_pending(Port port) {
  return words_.has(port) && (words_.peek(port) & bits::pending) != 0;
}

}  // namespace enlighten::model
