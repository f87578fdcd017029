// SPDX-License-Identifier: MIT
// Operations that bind a new port: which one it is, to what, and who may talk to whom.
#include <model/event_channels.hpp>

#include <string>

#include <abi/domain_id.hpp>
#include <abi/errno.hpp>
#include <abi/virq.hpp>

#include "arguments.hpp"
#include "silo.hpp"

namespace enlighten::model {
namespace {

using arguments::refusal;

// Since 4.21 told apart from what belongs to one domain, and refused to all but its handler.
bool is_the_machines(Virq virq) {
  return !abi::is_per_vcpu(virq) && virq != abi::virq_argo;
}

}  // namespace

Event_channels::Both_locked::Both_locked(Event_channels& one, Event_channels& other) {
  const bool in_order = one.domain_.id() <= other.domain_.id();
  Event_channels& lower = in_order ? one : other;
  Event_channels& higher = in_order ? other : one;
  first_.emplace(lower.lock_, lower.domain_.turns());
  if (&lower != &higher) {
    second_.emplace(higher.lock_, higher.domain_.turns());
  }
}

Event_channels* Event_channels::find_domain(Domain_id domain) {
  return domain == abi::domain_self || domain == domain_.id() ? this : domain_.event_channels(domain);
}

bool Event_channels::may_control(const Event_channels& other) const {
  return &other == this || domain_.id() == control_domain;
}

std::int64_t Event_channels::may_be_unbound(const Event_channels& domain, Domain_id remote) {
  if (domain_.silo()) {
    const Event_channels* peer = find_domain(remote);
    if (peer == nullptr) {
      return refusal(abi::Errno::esrch);
    }
    if (kept_apart(domain_, domain.domain_.id(), peer->domain_.id())) {
      return refusal(abi::Errno::eperm);
    }
  }
  return may_control(domain) ? 0 : refusal(abi::Errno::eperm);
}

std::int64_t Event_channels::alloc_unbound(abi::Evtchn_alloc_unbound& argument) {
  Event_channels* target = find_domain(argument.dom);
  if (target == nullptr) {
    return refusal(abi::Errno::esrch);
  }
  const Lock_guard guard{target->lock_, domain_.turns()};
  Port port{0};
  if (const std::int64_t result = target->allocate_first(port); result != 0) {
    return result;
  }
  if (const std::int64_t result = may_be_unbound(*target, argument.remote_dom); result != 0) {
    return result;
  }
  const Domain_id remote = argument.remote_dom == abi::domain_self ? domain_.id() : argument.remote_dom;
  target->table_.find(port)->remote_domain = remote;
  target->begin(port, Channel_state::unbound, Vcpu_id{0});
  argument.port = port;
  return 0;
}

std::int64_t Event_channels::bind_interdomain(abi::Evtchn_bind_interdomain& argument) {
  Event_channels* peer = find_domain(argument.remote_dom);
  if (peer == nullptr) {
    return refusal(abi::Errno::esrch);
  }
  const Both_locked both{*this, *peer};
  Port port{0};
  if (const std::int64_t result = allocate_first(port); result != 0) {
    return result;
  }
  Event_channel* end = peer->table_.find(argument.remote_port);
  if (end == nullptr || end->state != Channel_state::unbound || end->remote_domain != domain_.id()) {
    return refusal(abi::Errno::einval);
  }
  if (kept_apart(domain_, domain_.id(), peer->domain_.id())) {
    return refusal(abi::Errno::eperm);
  }
  Event_channel& channel = begin_interdomain(port, *peer, argument.remote_port);
  end->remote_domain = domain_.id();
  end->remote_port = port;
  end->state = Channel_state::interdomain;
  // The peer may have sent before there was anybody to receive.
  set_pending(channel);
  argument.local_port = port;
  return 0;
}

std::int64_t Event_channels::bind_virq(abi::Evtchn_bind_virq& argument) {
  if (argument.virq.value() >= abi::virq_limit) {
    return refusal(abi::Errno::einval);
  }
  if (!abi::is_per_vcpu(argument.virq) && argument.vcpu != Vcpu_id{0}) {
    return refusal(abi::Errno::einval);
  }
  if (argument.vcpu.value() >= domain_.vcpus()) {
    return refusal(abi::Errno::enoent);
  }
  const Lock_guard guard{lock_, domain_.turns()};
  if (domain_.release() >= Release::v4_21 && is_the_machines(argument.virq) && domain_.id() != control_domain) {
    return refusal(abi::Errno::ebusy);
  }
  if (virqs_.contains({argument.vcpu, argument.virq})) {
    return refusal(abi::Errno::eexist);
  }
  Port port{0};
  if (const std::int64_t result = allocate_first(port); result != 0) {
    return result;
  }
  table_.find(port)->virq = argument.virq;
  begin(port, Channel_state::virq, argument.vcpu);
  virqs_.emplace(std::pair{argument.vcpu, argument.virq}, port);
  if (abi::is_per_vcpu(argument.virq)) {
    check_target(port, argument.vcpu);
  }
  argument.port = port;
  return 0;
}

// Arm has no physical interrupts to bind: first Xen failed to find one, later it knew.
std::int64_t Event_channels::bind_pirq(abi::Evtchn_bind_pirq& /*argument*/) {
  if (domain_.release() >= Release::v4_19) {
    return refusal(abi::Errno::eopnotsupp);
  }
  const Lock_guard guard{lock_, domain_.turns()};
  Port port{0};
  const std::int64_t result = allocate_first(port);
  return result != 0 ? result : refusal(abi::Errno::enomem);
}

std::int64_t Event_channels::bind_ipi(abi::Evtchn_bind_ipi& argument) {
  if (argument.vcpu.value() >= domain_.vcpus()) {
    return refusal(abi::Errno::enoent);
  }
  const Lock_guard guard{lock_, domain_.turns()};
  Port port{0};
  if (const std::int64_t result = allocate_first(port); result != 0) {
    return result;
  }
  begin(port, Channel_state::ipi, argument.vcpu);
  check_target(port, argument.vcpu);
  argument.port = port;
  return 0;
}

std::int64_t Event_channels::allocate(Port port) {
  Event_abi& abi = *abi_.load();
  if (port > table_.highest() || port.value() >= abi.ports()) {
    return refusal(abi::Errno::enospc);
  }
  const Event_channel* channel = table_.find(port);
  if (channel != nullptr && (channel->state != Channel_state::free || abi.is_busy(port))) {
    return refusal(abi::Errno::ebusy);
  }
  table_.reach(port);
  return 0;
}

std::int64_t Event_channels::allocate_first(Port& port) {
  for (std::uint32_t candidate = 1;; ++candidate) {
    const std::int64_t result = allocate(Port{candidate});
    if (result != refusal(abi::Errno::ebusy)) {
      port = Port{candidate};
      return result;
    }
  }
}

Event_channel& Event_channels::begin(Port port, Channel_state state, Vcpu_id notify) {
  Event_channel& channel = *table_.find(port);
  channel.notify = notify;
  if (fifo_.in_use()) {
    Event_fifo::begin(channel);
  }
  channel.state = state;
  return channel;
}

Event_channel& Event_channels::begin_interdomain(Port port, const Event_channels& peer, Port peer_port) {
  Event_channel& channel = *table_.find(port);
  channel.remote_domain = peer.domain_.id();
  channel.remote_port = peer_port;
  return begin(port, Channel_state::interdomain, Vcpu_id{0});
}

void Event_channels::check_target(Port port, Vcpu_id vcpu) {
  const bool loses = domain_.quirks().loses_events_without_control_block;
  if (checking_ && loses && fifo_.in_use() && !fifo_.has_block(vcpu)) {
    domain_.blame_guest("port " + std::to_string(port.value()) + " is bound to vCPU " +
                        std::to_string(vcpu.value()) +
                        ", which has no FIFO control block: its events would be lost");
  }
}

void Event_channels::set_pending(Event_channel& channel) {
  if (channel.usable()) {
    abi_.load()->set_pending(channel, channel.notify);
  }
}

void Event_channels::release(Event_channel& channel) {
  if (channel.usable()) {
    abi_.load()->clear_pending(channel);
  }
  channel.state = Channel_state::free;
  channel.notify = Vcpu_id{0};
  channel.attached_to_xen = false;
  channel.awaits_control_block = false;
  channel.blamed_for_loss = false;
  if (!domain_.quirks().keeps_pending_over_reset) {
    channel.saved_pending = false;
  }
}

Event_channels* Event_channels::peer_of(const Event_channel& channel) {
  return channel.state == Channel_state::interdomain ? find_domain(channel.remote_domain) : nullptr;
}

}  // namespace enlighten::model
