// SPDX-License-Identifier: MIT
// Operations on ports that are bound: send, close, status, and the rest, each in Xen's order of checks.
#include <model/event_channels.hpp>

#include <abi/errno.hpp>
#include <abi/virq.hpp>

#include "arguments.hpp"

namespace enlighten::model {
namespace {

using arguments::refusal;

abi::Evtchn_state told_as(Channel_state state) {
  switch (state) {
    case Channel_state::unbound:
      return abi::Evtchn_state::unbound;
    case Channel_state::interdomain:
      return abi::Evtchn_state::interdomain;
    case Channel_state::virq:
      return abi::Evtchn_state::virq;
    case Channel_state::ipi:
      return abi::Evtchn_state::ipi;
    default:
      return abi::Evtchn_state::closed;
  }
}

}  // namespace

std::int64_t Event_channels::close(Port port, Caller caller) {
  Event_channel* channel = table_.find(port);
  if (channel == nullptr) {
    return refusal(abi::Errno::einval);
  }
  return with_peer(*channel, [&](Event_channels* peer) { return close_locked(*channel, peer, caller); });
}

std::int64_t Event_channels::close_locked(Event_channel& channel, Event_channels* peer, Caller caller) {
  if (channel.attached_to_xen && caller == Caller::guest) {
    return refusal(abi::Errno::einval);
  }
  switch (channel.state) {
    case Channel_state::free:
    case Channel_state::reserved:
      return refusal(abi::Errno::einval);
    case Channel_state::virq:
      virqs_.erase({abi::is_per_vcpu(channel.virq) ? channel.notify : Vcpu_id{0}, channel.virq});
      break;
    case Channel_state::interdomain:
      // The other end keeps the vCPU it is bound to, and waits for us to come back.
      if (peer != nullptr) {
        Event_channel& end = *peer->table_.find(channel.remote_port);
        end.remote_domain = domain_.id();
        end.state = Channel_state::unbound;
      }
      break;
    default:
      break;
  }
  release(channel);
  return 0;
}

std::int64_t Event_channels::send(Port port) {
  const Event_channel* channel = table_.find(port);
  if (channel == nullptr) {
    return refusal(abi::Errno::einval);
  }
  bool is_for_program = false;
  const std::int64_t result = with_peer(*channel, [&](Event_channels* peer) {
    is_for_program = has_program(*channel);
    return send_locked(port, peer);
  });
  if (is_for_program && result == 0) {
    programs_.at(port)();
  }
  return result;
}

std::int64_t Event_channels::send_locked(Port port, Event_channels* peer) {
  Event_channel& channel = *table_.find(port);
  if (channel.attached_to_xen) {
    return refusal(abi::Errno::einval);
  }
  switch (channel.state) {
    case Channel_state::interdomain:
      if (peer != nullptr) {
        peer->set_pending(*peer->table_.find(channel.remote_port));
      }
      return 0;
    case Channel_state::ipi:
      set_pending(channel);
      return 0;
    case Channel_state::unbound:
      return 0;
    default:
      return refusal(abi::Errno::einval);
  }
}

std::int64_t Event_channels::status(abi::Evtchn_status& argument) {
  Event_channels* target = find_domain(argument.dom);
  if (target == nullptr) {
    return refusal(abi::Errno::esrch);
  }
  const Event_channel* channel = target->table_.find(argument.port);
  if (channel == nullptr) {
    return refusal(abi::Errno::einval);
  }
  const Lock_guard guard{target->lock_, domain_.turns()};
  if (channel->attached_to_xen && domain_.release() < Release::v4_19) {
    return refusal(abi::Errno::eacces);
  }
  if (!may_control(*target)) {
    return refusal(abi::Errno::eperm);
  }
  const Channel_state state = channel->state;
  argument.status = told_as(state);
  argument.vcpu = channel->notify;
  if (state == Channel_state::unbound) {
    argument.u.unbound = channel->remote_domain;
  } else if (state == Channel_state::interdomain) {
    argument.u.interdomain = {channel->remote_domain, channel->remote_port};
  } else if (state == Channel_state::virq) {
    argument.u.virq = channel->virq;
  }
  return 0;
}

std::int64_t Event_channels::bind_vcpu(const abi::Evtchn_bind_vcpu& argument) {
  if (argument.vcpu.value() >= domain_.vcpus()) {
    return refusal(abi::Errno::enoent);
  }
  Event_channel* channel = table_.find(argument.port);
  if (channel == nullptr) {
    return refusal(abi::Errno::einval);
  }
  const Lock_guard guard{lock_, domain_.turns()};
  const Channel_state state = channel->state;
  const bool movable = state == Channel_state::unbound || state == Channel_state::interdomain ||
                       (state == Channel_state::virq && !abi::is_per_vcpu(channel->virq));
  if (channel->attached_to_xen || !movable) {
    return refusal(abi::Errno::einval);
  }
  channel->notify = argument.vcpu;
  check_target(argument.port, argument.vcpu);
  return 0;
}

std::int64_t Event_channels::unmask(Port port) {
  Event_channel* channel = table_.find(port);
  if (channel == nullptr) {
    return refusal(abi::Errno::einval);
  }
  const Lock_guard guard{lock_, domain_.turns()};
  if (channel->usable()) {
    abi_.load()->unmask(*channel);
  }
  return 0;
}

std::int64_t Event_channels::reset(Domain_id domain, Resetting resetting) {
  Event_channels* target = find_domain(domain);
  if (target == nullptr) {
    return refusal(abi::Errno::esrch);
  }
  if (target != this) {
    // A control domain may, once it has paused the other: which no guest of the model is.
    return refusal(may_control(*target) ? abi::Errno::einval : abi::Errno::eperm);
  }
  {
    const Lock_guard guard{lock_, domain_.turns()};
    if (resetting_ != (resetting == Resetting::continued)) {
      return refusal(abi::Errno::ebusy);
    }
    resetting_ = true;
  }
  table_.for_each([this](const Event_channel& channel) {
    if (channel.usable()) {
      // Xen lets others run here, and they may open ports behind its back.
      domain_.turns().step(nullptr);
      static_cast<void>(close(channel.port, Caller::guest));
    }
  });
  const Lock_guard guard{lock_, domain_.turns()};
  return finish_reset();
}

std::int64_t Event_channels::finish_reset() {
  resetting_ = false;
  bool any_open = false;
  table_.for_each([&](const Event_channel& channel) { any_open = any_open || channel.usable(); });
  if (any_open) {
    return refusal(abi::Errno::eagain);
  }
  abi_ = &two_level_;
  fifo_.destroy();
  return 0;
}

std::int64_t Event_channels::init_control(abi::Evtchn_init_control& argument) {
  if (argument.vcpu.value() >= domain_.vcpus()) {
    return refusal(abi::Errno::enoent);
  }
  constexpr std::uint64_t alignment = 8;
  if (argument.offset > abi::page_size - sizeof(abi::Evtchn_fifo_control_block) ||
      argument.offset % alignment != 0) {
    return refusal(abi::Errno::einval);
  }
  const Lock_guard guard{lock_, domain_.turns()};
  const bool first = !fifo_.in_use();
  if (const std::int64_t result = fifo_.map_control_block(argument); result != 0) {
    return result;
  }
  if (first) {
    abi_ = &fifo_;
    fifo_.take_over_ports();
  }
  argument.link_bits = abi::fifo_link_bits;
  return 0;
}

std::int64_t Event_channels::expand_array(const abi::Evtchn_expand_array& argument) {
  const Lock_guard guard{lock_, domain_.turns()};
  return fifo_.in_use() ? fifo_.add_page(argument.array_gfn) : refusal(abi::Errno::eopnotsupp);
}

std::int64_t Event_channels::set_priority(const abi::Evtchn_set_priority& argument) {
  const Lock_guard guard{lock_, domain_.turns()};
  Event_channel* channel = table_.find(argument.port);
  if (channel == nullptr) {
    return refusal(abi::Errno::einval);
  }
  if (!fifo_.in_use()) {
    return refusal(abi::Errno::enosys);
  }
  if (!channel->usable()) {
    return refusal(abi::Errno::eacces);
  }
  if (argument.priority > abi::fifo_priority_lowest) {
    return refusal(abi::Errno::einval);
  }
  channel->priority = argument.priority;
  return 0;
}

}  // namespace enlighten::model
