// SPDX-License-Identifier: MIT
// Event channels seen from the hypercall: arguments in and out; and what the machine asks of them without one.
#include <model/event_channels.hpp>

#include <utility>

#include <abi/errno.hpp>
#include <abi/virq.hpp>

#include "arguments.hpp"
#include "silo.hpp"

namespace enlighten::model {
namespace {

// EVTCHNOP_reset_cont: Xen's own way to go on with a reset it interrupted ([xen] event_channel.h).
constexpr std::uint32_t reset_continuation = 14;

using arguments::refusal;

template <typename Argument, typename Operation>
std::int64_t with_input(Domain_view& domain, std::uint64_t address, Operation operation) {
  std::optional<Argument> argument = arguments::read<Argument>(domain, address);
  return argument ? operation(*argument) : refusal(abi::Errno::efault);
}

// What was done stays done if the guest's memory cannot take the result.
template <typename Argument, typename Operation>
std::int64_t with_output(Domain_view& domain, std::uint64_t address, Operation operation) {
  return with_input<Argument>(domain, address, [&](Argument& argument) {
    const std::int64_t result = operation(argument);
    if (result == 0 && !arguments::write(domain, address, argument)) {
      return refusal(abi::Errno::efault);
    }
    return result;
  });
}

}  // namespace

Event_channels::Event_channels(Domain_view& domain, Event_limits limits)
    : domain_{domain}, table_{limits.highest} {}

std::int64_t Event_channels::call(std::uint32_t operation, std::uint64_t address) {
  using Op = abi::Event_channel_op;
  switch (static_cast<Op>(operation)) {
    case Op::alloc_unbound:
      return with_output<abi::Evtchn_alloc_unbound>(domain_, address, [&](auto& it) { return alloc_unbound(it); });
    case Op::bind_interdomain:
      return with_output<abi::Evtchn_bind_interdomain>(domain_, address,
                                                       [&](auto& it) { return bind_interdomain(it); });
    case Op::bind_virq:
      return with_output<abi::Evtchn_bind_virq>(domain_, address, [&](auto& it) { return bind_virq(it); });
    case Op::bind_pirq:
      return with_output<abi::Evtchn_bind_pirq>(domain_, address, [&](auto& it) { return bind_pirq(it); });
    case Op::bind_ipi:
      return with_output<abi::Evtchn_bind_ipi>(domain_, address, [&](auto& it) { return bind_ipi(it); });
    case Op::status:
      return with_output<abi::Evtchn_status>(domain_, address, [&](auto& it) { return status(it); });
    case Op::init_control:
      return with_output<abi::Evtchn_init_control>(domain_, address, [&](auto& it) { return init_control(it); });
    default:
      return call_without_output(operation, address);
  }
}

std::int64_t Event_channels::call_without_output(std::uint32_t operation, std::uint64_t address) {
  using Op = abi::Event_channel_op;
  if (operation == reset_continuation) {
    return with_input<abi::Evtchn_reset>(domain_, address,
                                         [&](const auto& it) { return reset(it.dom, Resetting::continued); });
  }
  switch (static_cast<Op>(operation)) {
    case Op::close:
      return with_input<abi::Evtchn_close>(domain_, address,
                                           [&](const auto& it) { return close(it.port, Caller::guest); });
    case Op::send:
      return with_input<abi::Evtchn_send>(domain_, address, [&](const auto& it) { return send(it.port); });
    case Op::bind_vcpu:
      return with_input<abi::Evtchn_bind_vcpu>(domain_, address, [&](const auto& it) { return bind_vcpu(it); });
    case Op::unmask:
      return with_input<abi::Evtchn_unmask>(domain_, address, [&](const auto& it) { return unmask(it.port); });
    case Op::reset:
      return with_input<abi::Evtchn_reset>(
          domain_, address, [&](const auto& it) { return reset(it.dom, Resetting::from_the_start); });
    case Op::expand_array:
      return with_input<abi::Evtchn_expand_array>(domain_, address,
                                                  [&](const auto& it) { return expand_array(it); });
    case Op::set_priority:
      return with_input<abi::Evtchn_set_priority>(domain_, address,
                                                  [&](const auto& it) { return set_priority(it); });
    default:
      return refusal(abi::Errno::enosys);
  }
}

void Event_channels::raise_virq(Virq virq, Vcpu_id vcpu) {
  const Lock_guard guard{lock_, domain_.turns()};
  const auto bound = virqs_.find({abi::is_per_vcpu(virq) ? vcpu : Vcpu_id{0}, virq});
  if (bound != virqs_.end()) {
    set_pending(*table_.find(bound->second));
  }
}

std::int64_t Event_channels::connect_static(Port port, Event_channels& peer, Port peer_port) {
  const Both_locked both{*this, peer};
  if (this == &peer && port == peer_port) {
    return refusal(abi::Errno::ebusy);
  }
  if (const std::int64_t result = allocate(port); result != 0) {
    return result;
  }
  if (const std::int64_t result = peer.allocate(peer_port); result != 0) {
    return result;
  }
  begin_interdomain(port, peer, peer_port);
  peer.set_pending(peer.begin_interdomain(peer_port, *this, port));
  return 0;
}

std::optional<Port> Event_channels::attach_xen(Domain_id remote) {
  const Lock_guard guard{lock_, domain_.turns()};
  Port port{0};
  if (allocate_first(port) != 0) {
    return std::nullopt;
  }
  Event_channel& channel = *table_.find(port);
  channel.attached_to_xen = true;
  channel.remote_domain = remote;
  begin(port, Channel_state::unbound, Vcpu_id{0});
  return port;
}

std::optional<Port> Event_channels::connect_program(std::function<void()> on_event) {
  const Lock_guard guard{lock_, domain_.turns()};
  Port port{0};
  if (allocate_first(port) != 0) {
    return std::nullopt;
  }
  Event_channel& channel = *table_.find(port);
  channel.remote_domain = control_domain;
  channel.remote_port = port;
  begin(port, Channel_state::interdomain, Vcpu_id{0});
  programs_[port] = std::move(on_event);
  return port;
}

void Event_channels::raise_from_program(Port port) {
  const Lock_guard guard{lock_, domain_.turns()};
  if (Event_channel& channel = *table_.find(port); has_program(channel)) {
    set_pending(channel);
  }
}

bool Event_channels::has_program(const Event_channel& channel) const {
  return channel.state == Channel_state::interdomain && channel.remote_domain == control_domain &&
         programs_.contains(channel.port);
}

void Event_channels::close_all() {
  table_.for_each([this](Event_channel& channel) { static_cast<void>(close(channel.port, Caller::xen)); });
  const Lock_guard guard{lock_, domain_.turns()};
  abi_ = &two_level_;
  fifo_.destroy();
}

bool Event_channels::is_usable(Port port) {
  const Event_channel* channel = table_.find(port);
  return channel != nullptr && channel->usable();
}

bool Event_channels::is_pending(Port port) {
  return is_usable(port) && abi_.load(std::memory_order_acquire)->is_pending(port);
}

void Event_channels::set_checking(bool on) {
  const Lock_guard guard{lock_, domain_.turns()};
  checking_ = on;
  fifo_.set_checking(on);
}

}  // namespace enlighten::model
