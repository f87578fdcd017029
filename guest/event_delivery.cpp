// SPDX-License-Identifier: MIT
// Brings events to their handlers, and waits for handlers whose port goes.
#include <abi/event_fifo.hpp>
#include <guest/cpu_local.hpp>
#include <guest/event_channels.hpp>
#include <guest/trace.hpp>

namespace enlighten::guest {

Result<std::uint32_t> Event_channels::deliver(Vcpu_events& self) noexcept {
  std::uint32_t delivered = 0;
  const auto dispatch = [&](Port port) {
    ++delivered;
    trace(Trace_kind::delivery_begin, port.value());
    handle(self, port);
    trace(Trace_kind::delivery_end, port.value());
    self.place_.look();
  };
  for (bool more = is_open(); more;) {
    self.place_.look();
    const Result<Drained> drained =
        fifo_ ? self.fifo_.drain(*fifo_, dispatch) : self.two_level_.drain(*two_level_, dispatch);
    if (!drained) {
      deliver_past_break(self, dispatch);
      finish_delivery(self, delivered);
      return drained.error();
    }
    more = drained->more;
  }
  finish_delivery(self, delivered);
  return delivered;
}

void Event_channels::finish_delivery(Vcpu_events& self, std::uint32_t delivered) noexcept {
  self.place_.leave();
  self.delivered_.store(self.delivered() + delivered, std::memory_order_relaxed);
}

// The other queues are whole and may hold events of which no upcall will tell again: on with them. But not for
// ever, if somebody keeps breaking what is repaired. Apart, for an Error has room for a text, and GCC fills with
// zeros what is to hold one even where none comes.
template <typename Dispatch>
[[gnu::noinline]] void Event_channels::deliver_past_break(Vcpu_events& self, Dispatch& dispatch) noexcept {
  std::uint32_t breaks = 0;
  do {
    recover(self, dispatch);
    for (bool more = true; more;) {
      self.place_.look();
      const Result<Drained> drained = self.fifo_.drain(*fifo_, dispatch);
      if (drained && !drained->more) {
        return;
      }
      more = drained.has_value();
    }
  } while (++breaks < abi::fifo_queues);
}

// What a broken queue still holds is found by looking at every port that belongs there, closed ones too: they stay
// linked, and Xen does not hand them out again, until they are taken off.
template <typename Dispatch>
void Event_channels::recover(Vcpu_events& self, Dispatch& dispatch) noexcept {
  self.fifo_.recover(
      *fifo_,
      [&](Port port, std::uint32_t queue) {
        const Port_slot* const slot = ports_.find(port);
        return slot != nullptr && slot->cpu.load(std::memory_order_relaxed) == self.ready_->cpu().value() &&
               slot->priority.load(std::memory_order_relaxed) == queue;
      },
      dispatch);
}

void Event_channels::handle(Vcpu_events& self, Port port) noexcept {
  self.place_.be_at(port);
  Port_slot* const slot = ports_.find(port);
  if (slot == nullptr || (slot->mobility == Port_mobility::movable && !slot->turn.take())) {
    return;
  }
  self.port_is_gone_ = false;
  do {
    // Acquire: for enter(), for which see there.
    if (Event_handler* const handler = slot->handler.load(std::memory_order_acquire); handler != nullptr) {
      handler->on_event(port);
    }
    // A port that its own handler has closed may be somebody else's by now.
  } while (!self.port_is_gone_ && slot->mobility == Port_mobility::movable && !slot->turn.give_back());
}

// Masked, the port is taken by nobody any more. Who is at it on another vCPU is waited for; this one's handler, if
// it is the one that closes, cannot be, and must not come back to the port.
void Event_channels::leave_behind(Port port) noexcept {
  for (Vcpu_events* events = first_.load(std::memory_order_acquire); events != nullptr; events = events->next_) {
    if (events->ready_->cpu() != cpu_local().cpu) {
      events->place_.wait_past(port);
    } else if (events->place_.is_at(port)) {
      events->port_is_gone_ = true;
    }
  }
}

}  // namespace enlighten::guest
