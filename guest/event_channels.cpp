// SPDX-License-Identifier: MIT
// Chooses the event ABI; binds, moves and closes ports.
#include <guest/event_channels.hpp>

#include <abi/errno.hpp>
#include <abi/virq.hpp>

namespace enlighten::guest {

namespace {

using abi::Event_channel_op;

constexpr std::uint32_t fifo_directory_entries = abi::fifo_max_pages;

}  // namespace

Result<Ready_vcpu> Event_channels::boot(const Starting_context& self, Vcpu_events& events, abi::Shared_info& shared,
                                        Event_preference preference) noexcept {
  ENLIGHTEN_TRY(self.register_vcpu_info(*events.info_));
  if (preference != Event_preference::two_level) {
    const Result<> fifo = use_fifo(self, events);
    // Unsupported is what Xen has granted and we cannot use: it is at FIFO by then.
    if (!fifo && (preference == Event_preference::fifo || fifo.error().kind() == Error_kind::unsupported)) {
      return Error::numbered(fifo.error().kind(), fifo.error().number(), "no FIFO events: %s", fifo.error().text());
    }
  }
  if (!fifo_) {
    ENLIGHTEN_TRY(confirm_two_level());
    abi_ = Event_abi::two_level;
    two_level_.emplace(shared);
    two_level_->mask_all();
  }
  return make_ready(self, events);
}

Result<> Event_channels::use_fifo(const Starting_context& self, Vcpu_events& events) noexcept {
  void* const directory = pages_->page();
  if (directory == nullptr) {
    return Error::make(Error_kind::out_of_memory, "event channels: no page for the FIFO array");
  }
  // Xen switches the domain over with the first control block it accepts; refused, it stays at 2-level.
  ENLIGHTEN_TRY(self.init_control(*events.block_));
  fifo_.emplace(std::span{static_cast<abi::Event_word**>(directory), fifo_directory_entries});
  abi_ = Event_abi::fifo;
  return {};
}

// What ran in this domain before us may have left it at FIFO, where it stays until EVTCHNOP_reset: nothing would
// ever come the 2-level way. Only FIFO has priorities to set, if not for port 0.
Result<> Event_channels::confirm_two_level() const noexcept {
  abi::Evtchn_set_priority argument{.port = Port{0}, .priority = abi::fifo_priority_default};
  const Result<> answer = xen_->event_channel(Call::event_other, Event_channel_op::set_priority, argument);
  if (!answer && answer.error().number() == static_cast<std::int64_t>(abi::Errno::enosys)) {
    return {};
  }
  return Error::make(Error_kind::unsupported,
                     "event channels: an earlier program has left this domain at the FIFO ABI; "
                     "EVTCHNOP_reset would end that");
}

Result<Ready_vcpu> Event_channels::start(const Starting_context& self, Vcpu_events& events) noexcept {
  if (events.ready_) {
    // On again: Xen has kept both structures.
    return *events.ready_;
  }
  ENLIGHTEN_TRY(self.register_vcpu_info(*events.info_));
  if (fifo_) {
    ENLIGHTEN_TRY(self.init_control(*events.block_));
  }
  return make_ready(self, events);
}

Ready_vcpu Event_channels::make_ready(const Starting_context& self, Vcpu_events& events) noexcept {
  events.ready_ = Ready_vcpu{self.cpu(), self.vcpu(), events};
  // Release: who walks the list (with acquire) finds each entry whole.
  Vcpu_events* head = first_.load(std::memory_order_relaxed);
  do {
    events.next_ = head;
  } while (!first_.compare_exchange_weak(head, &events, std::memory_order_release, std::memory_order_relaxed));
  return *events.ready_;
}

Result<Bound_port> Event_channels::bind_ipi(Ready_vcpu vcpu, Event_handler* handler, Initially initially) noexcept {
  abi::Evtchn_bind_ipi argument{.vcpu = vcpu.vcpu()};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_bind, Event_channel_op::bind_ipi, argument));
  return adopt(argument.port, vcpu, handler, Port_mobility::fixed, initially);
}

Result<Bound_port> Event_channels::bind_virq(Virq virq, Ready_vcpu vcpu, Event_handler* handler,
                                             Initially initially) noexcept {
  const bool per_vcpu = abi::is_per_vcpu(virq);
  abi::Evtchn_bind_virq argument{.virq = virq, .vcpu = per_vcpu ? vcpu.vcpu() : Vcpu_id{0}};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_bind, Event_channel_op::bind_virq, argument));
  return adopt(argument.port, vcpu, handler, per_vcpu ? Port_mobility::fixed : Port_mobility::movable, initially);
}

Result<Bound_port> Event_channels::alloc_unbound(Domain_id remote, Ready_vcpu vcpu, Event_handler* handler,
                                                 Initially initially) noexcept {
  abi::Evtchn_alloc_unbound argument{.dom = abi::domain_self, .remote_dom = remote};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_bind, Event_channel_op::alloc_unbound, argument));
  return adopt(argument.port, vcpu, handler, Port_mobility::movable, initially);
}

Result<Bound_port> Event_channels::bind_interdomain(Domain_id remote, Port remote_port, Ready_vcpu vcpu,
                                                    Event_handler* handler, Initially initially) noexcept {
  abi::Evtchn_bind_interdomain argument{.remote_dom = remote, .remote_port = remote_port};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_bind, Event_channel_op::bind_interdomain, argument));
  return adopt(argument.local_port, vcpu, handler, Port_mobility::movable, initially);
}

// Xen hands a port out masked: by our mask_all() with 2-level, by how append() fills pages with FIFO, and by
// close() when it was in use before. So nothing is delivered before its handler is in place.
Result<Bound_port> Event_channels::adopt(Port port, Ready_vcpu vcpu, Event_handler* handler, Port_mobility mobility,
                                         Initially initially) noexcept {
  if (const Result<> entered = enter(port, vcpu, handler, mobility); !entered) {
    static_cast<void>(close_at_xen(port));
    return entered.error();
  }
  Bound_port bound{*this, port};
  if (initially == Initially::unmasked) {
    ENLIGHTEN_TRY(unmask(port));
  }
  return bound;
}

// As it comes, the port is masked for the same reasons.
Result<Bound_port> Event_channels::attach(Port port, Ready_vcpu vcpu, Event_handler* handler,
                                          Initially initially) noexcept {
  const abi::Evtchn_state state = ENLIGHTEN_TRY(status(port)).status;
  if (state != abi::Evtchn_state::interdomain && state != abi::Evtchn_state::unbound) {
    return Error::make(Error_kind::protocol, "event channels: port %u, said to be there for us, is not bound",
                       static_cast<unsigned>(port.value()));
  }
  ENLIGHTEN_TRY(enter(port, vcpu, handler, Port_mobility::movable));
  ports_.find(port)->is_kept = true;
  Bound_port bound{*this, port};
  // An earlier program may have moved it.
  ENLIGHTEN_TRY(move(port, vcpu));
  if (initially == Initially::unmasked) {
    ENLIGHTEN_TRY(unmask(port));
  }
  return bound;
}

Result<> Event_channels::enter(Port port, Ready_vcpu vcpu, Event_handler* handler,
                               Port_mobility mobility) noexcept {
  Port_slot& slot = *ENLIGHTEN_TRY(make_room(port));
  // What moves starts at vCPU 0, whoever that is and whether it is ready or not.
  if (mobility == Port_mobility::movable && vcpu.vcpu() != Vcpu_id{0}) {
    abi::Evtchn_bind_vcpu argument{.port = port, .vcpu = vcpu.vcpu()};
    ENLIGHTEN_TRY(xen_->event_channel(Call::event_other, Event_channel_op::bind_vcpu, argument));
  }
  const Spin_guard guard{slot.lock};
  slot.cpu.store(static_cast<std::uint16_t>(vcpu.cpu().value()), std::memory_order_relaxed);
  slot.priority.store(abi::fifo_priority_default, std::memory_order_relaxed);
  slot.mobility = mobility;
  slot.bound = true;
  slot.is_kept = false;
  slot.turn.reset();
  // Release: with the handler comes what it is made of, and the rest of the slot, to deliver()'s acquire. Weaker,
  // and an object half built could be called.
  slot.handler.store(handler, std::memory_order_release);
  if (two_level_) {
    vcpu.events_->two_level_.attend(port);
  }
  return {};
}

Result<Port_slot*> Event_channels::make_room(Port port) noexcept {
  const Spin_guard guard{growth_};
  if (!is_open()) {
    return Error::make(Error_kind::argument, "event channels: cannot bind a port after the reset of all");
  }
  Port_slot* const slot = ENLIGHTEN_TRY(ports_.make(port));
  ENLIGHTEN_TRY(cover(port));
  return slot;
}

Result<> Event_channels::cover(Port port) noexcept {
  while (fifo_ && port.value() >= fifo_->ports()) {
    void* const page = pages_->page();
    if (page == nullptr) {
      return Error::make(Error_kind::out_of_memory, "event channels: no page for the words of port %u",
                         static_cast<unsigned>(port.value()));
    }
    if (!fifo_->append(Fifo_array<>::Page{static_cast<abi::Event_word*>(page), abi::fifo_words_per_page})) {
      return Error::make(Error_kind::protocol, "event channels: Xen gave port %u, the array ends at %u",
                         static_cast<unsigned>(port.value()), static_cast<unsigned>(fifo_->ports()));
    }
    abi::Evtchn_expand_array argument{.array_gfn = gfn_of_object(page)};
    if (const Result<> expanded =
            xen_->event_channel(Call::event_expand_array, Event_channel_op::expand_array, argument);
        !expanded) {
      fifo_->retract();
      return expanded;
    }
  }
  return {};
}

Result<abi::Evtchn_status> Event_channels::status(Port port) const noexcept {
  abi::Evtchn_status argument{.dom = abi::domain_self, .port = port};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_other, Event_channel_op::status, argument));
  return argument;
}

Result<> Event_channels::send(Port port) const noexcept {
  abi::Evtchn_send argument{.port = port};
  return xen_->event_channel(Call::event_send, Event_channel_op::send, argument);
}

void Event_channels::mask(Port port) noexcept {
  const Spin_guard guard{ports_.find(port)->lock};
  mask_locked(port);
}

void Event_channels::mask_locked(Port port) noexcept {
  if (fifo_) {
    fifo_->mask(port);
  } else {
    two_level_->mask(port);
  }
}

Result<> Event_channels::unmask(Port port) noexcept {
  const Spin_guard guard{ports_.find(port)->lock};
  return unmask_locked(port);
}

Result<> Event_channels::unmask_locked(Port port) noexcept {
  const Unmask outcome = fifo_ ? fifo_->unmask(port) : two_level_->unmask(port);
  if (outcome == Unmask::done) {
    return {};
  }
  abi::Evtchn_unmask argument{.port = port};
  return xen_->event_channel(Call::event_other, Event_channel_op::unmask, argument);
}

Result<> Event_channels::move(Port port, Ready_vcpu to) noexcept {
  Port_slot& slot = *ports_.find(port);
  const Spin_guard guard{slot.lock};
  return move_locked(port, slot, to);
}

Result<> Event_channels::move_locked(Port port, Port_slot& slot, Ready_vcpu to) noexcept {
  const auto new_cpu = static_cast<std::uint16_t>(to.cpu().value());
  abi::Evtchn_bind_vcpu argument{.port = port, .vcpu = to.vcpu()};
  if (!two_level_) {
    // An event that is linked now stays on the old vCPU's queue, this once.
    ENLIGHTEN_TRY(xen_->event_channel(Call::event_other, Event_channel_op::bind_vcpu, argument));
    slot.cpu.store(new_cpu, std::memory_order_relaxed);
    return {};
  }
  const bool was_masked = two_level_->is_masked(port);
  two_level_->mask(port);
  const Result<> moved = xen_->event_channel(Call::event_other, Event_channel_op::bind_vcpu, argument);
  if (moved) {
    if (Vcpu_events* const from = events_of(slot.cpu.load(std::memory_order_relaxed)); from != nullptr) {
      from->two_level_.ignore(port);
    }
    to.events_->two_level_.attend(port);
    slot.cpu.store(new_cpu, std::memory_order_relaxed);
  }
  if (!was_masked) {
    ENLIGHTEN_TRY(unmask_locked(port));
  }
  return moved;
}

Result<> Event_channels::move_ports(Ready_vcpu from, Ready_vcpu to) noexcept {
  Result<> outcome;
  ports_.each([&](Port port, Port_slot& slot) {
    const Spin_guard guard{slot.lock};
    if (slot.bound && slot.mobility == Port_mobility::movable &&
        slot.cpu.load(std::memory_order_relaxed) == from.cpu().value()) {
      if (const Result<> moved = move_locked(port, slot, to); !moved && outcome) {
        outcome = moved;
      }
    }
  });
  return outcome;
}

Result<> Event_channels::set_priority(Port port, std::uint32_t priority) noexcept {
  Port_slot& slot = *ports_.find(port);
  const Spin_guard guard{slot.lock};
  abi::Evtchn_set_priority argument{.port = port, .priority = priority};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_other, Event_channel_op::set_priority, argument));
  slot.priority.store(static_cast<std::uint8_t>(priority), std::memory_order_relaxed);
  return {};
}

Result<> Event_channels::close(Port port) noexcept {
  Port_slot& slot = *ports_.find(port);
  {
    const Spin_guard guard{slot.lock};
    mask_locked(port);
    slot.bound = false;  // nobody moves it from here on
    slot.handler.store(nullptr, std::memory_order_relaxed);
  }
  leave_behind(port);
  if (two_level_) {
    if (Vcpu_events* const events = events_of(slot.cpu.load(std::memory_order_relaxed)); events != nullptr) {
      events->two_level_.ignore(port);
    }
    two_level_->clear_pending(port);
  }
  // Last: from then on the port may be somebody else's.
  return slot.is_kept ? Result<>{} : close_at_xen(port);
}

Result<> Event_channels::close_at_xen(Port port) const noexcept {
  abi::Evtchn_close argument{.port = port};
  return xen_->event_channel(Call::event_other, Event_channel_op::close, argument);
}

Vcpu_events* Event_channels::events_of(std::uint32_t cpu) const noexcept {
  Vcpu_events* events = first_.load(std::memory_order_acquire);
  while (events != nullptr && events->ready_->cpu().value() != cpu) {
    events = events->next_;
  }
  return events;
}

Result<> Event_channels::reset() noexcept {
  abi::Evtchn_reset argument{.dom = abi::domain_self};
  ENLIGHTEN_TRY(xen_->event_channel(Call::event_other, Event_channel_op::reset, argument));
  ports_.each([](Port, Port_slot& slot) {
    slot.handler.store(nullptr, std::memory_order_relaxed);
    slot.bound = false;
  });
  for (Vcpu_events* events = first_.load(std::memory_order_relaxed); events != nullptr; events = events->next_) {
    events->fifo_.forget();
    events->two_level_.forget();
    events->ready_.reset();
  }
  first_.store(nullptr, std::memory_order_relaxed);
  fifo_.reset();
  two_level_.reset();
  return {};
}

}  // namespace enlighten::guest
