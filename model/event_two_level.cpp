// SPDX-License-Identifier: MIT
// The 2-level event ABI in the order Xen touches its bits; and the upcall, which both ABIs end in.
#include <model/event_two_level.hpp>

#include <model/shared_word.hpp>

namespace enlighten::model {
namespace {

std::uint64_t bit(Port port) {
  return std::uint64_t{1} << port.value() % abi::two_level_bits_per_word;
}

// Of evtchn_pending or evtchn_mask.
Shared_word<std::uint64_t> word_of(Domain_view& domain, std::uint64_t (&words)[abi::two_level_words], Port port) {
  return {domain, words[port.value() / abi::two_level_bits_per_word]};
}

Shared_word<std::uint64_t> pending_word(Domain_view& domain, Port port) {
  return word_of(domain, domain.shared_info().evtchn_pending, port);
}

Shared_word<std::uint64_t> mask_word(Domain_view& domain, Port port) {
  return word_of(domain, domain.shared_info().evtchn_mask, port);
}

}  // namespace

void mark_events_pending(Domain_view& domain, Vcpu_id vcpu) {
  Shared_word<std::uint8_t> pending{domain, domain.vcpu_info(vcpu).evtchn_upcall_pending};
  if ((pending.set(1) & 1U) == 0) {
    domain.inject_upcall(vcpu);
  }
}

void Event_two_level::set_pending(Event_channel& channel, Vcpu_id vcpu) {
  const Port port = channel.port;
  if ((pending_word(domain_, port).set(bit(port)) & bit(port)) != 0) {
    return;
  }
  if ((mask_word(domain_, port).load() & bit(port)) == 0) {
    select(port, vcpu);
  }
  domain_.wake_pollers(port);
}

void Event_two_level::clear_pending(Event_channel& channel) {
  pending_word(domain_, channel.port).clear(bit(channel.port));
}

// A port that was not masked is left alone, pending or not: a guest that cleared the mask itself gets no upcall.
void Event_two_level::unmask(Event_channel& channel) {
  const Port port = channel.port;
  if ((mask_word(domain_, port).clear(bit(port)) & bit(port)) != 0 &&
      (pending_word(domain_, port).load() & bit(port)) != 0) {
    select(port, channel.notify);
  }
}

bool Event_two_level::is_pending(Port port) {
  return (pending_word(domain_, port).load() & bit(port)) != 0;
}

void Event_two_level::select(Port port, Vcpu_id vcpu) {
  const std::uint64_t selector = std::uint64_t{1} << port.value() / abi::two_level_bits_per_word;
  Shared_word<std::uint64_t> word{domain_, domain_.vcpu_info(vcpu).evtchn_pending_sel};
  if ((word.set(selector) & selector) == 0) {
    mark_events_pending(domain_, vcpu);
  }
}

}  // namespace enlighten::model
