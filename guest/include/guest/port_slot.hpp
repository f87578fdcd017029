// SPDX-License-Identifier: MIT
// What is known of one bound port: who handles its events, where, how urgent it is, and who is at it right now.
#pragma once

#include <atomic>
#include <cstdint>

#include <abi/event_fifo.hpp>
#include <base/ids.hpp>
#include <guest/spin_lock.hpp>

namespace enlighten::guest {

// Told of events, on the vCPU that the port is bound to, one event at a time. Must not wait: nothing else happens
// there meanwhile. It may mask, move and close any port, its own too, and may be gone when on_event() returns.
class Event_handler {
 public:
  virtual void on_event(Port port) noexcept = 0;

 protected:
  Event_handler() = default;
  Event_handler(const Event_handler&) = default;
  Event_handler& operator=(const Event_handler&) = default;
  ~Event_handler() = default;
};

enum class Port_mobility : std::uint8_t {
  fixed,  // an IPI or a VIRQ of a vCPU's own: Xen refuses to move it
  movable,
};

// Keeps the handler of a port that moves to one event at a time: the old vCPU may still be at an event when the new
// one takes the next. Nobody waits. Who finds the handler busy leaves word, and the one at it runs it once more.
class Turn {
 public:
  // True: the handler is the caller's, until give_back().
  [[nodiscard]] bool take() noexcept {
    std::uint8_t seen = idle;
    // Acquire and release: of two vCPUs, each must see what the other's last event and its handler's last run
    // wrote; give_back() is at the other end. Weaker, and the second run of a handler could miss what the event it
    // stands for announces.
    while (!state_.compare_exchange_weak(seen, seen == idle ? busy : wanted, std::memory_order_acq_rel,
                                         std::memory_order_relaxed)) {
    }
    return seen == idle;
  }

  // False: an event came meanwhile, the handler is to run again and still the caller's.
  [[nodiscard]] bool give_back() noexcept {
    std::uint8_t seen = busy;
    // Orders as in take().
    while (!state_.compare_exchange_weak(seen, seen == busy ? idle : busy, std::memory_order_acq_rel,
                                         std::memory_order_relaxed)) {
    }
    return seen == busy;
  }

  // For a port bound anew, of which no event is being handled.
  void reset() noexcept { state_.store(idle, std::memory_order_relaxed); }

 private:
  static constexpr std::uint8_t idle = 0;
  static constexpr std::uint8_t busy = 1;
  static constexpr std::uint8_t wanted = 2;  // busy, and an event has come meanwhile

  std::atomic<std::uint8_t> state_{idle};
};

struct Port_slot {
  std::atomic<Event_handler*> handler{nullptr};
  // Written under `lock`; the vCPU that repairs a broken queue reads them without.
  std::atomic<std::uint16_t> cpu{0};
  std::atomic<std::uint8_t> priority{abi::fifo_priority_default};
  Port_mobility mobility = Port_mobility::fixed;
  bool bound = false;
  bool is_kept = false;  // whoever made the domain has bound it: it outlives its owner here
  Turn turn;
  // Of the above, and of the mask while it changes by more than one step or by Xen's hand: moving a port must not
  // undo a mask() or an unmask() that another vCPU asks for meanwhile. Held over a hypercall, never while a handler
  // runs or is waited for.
  Byte_lock lock;
};
static_assert(sizeof(Port_slot) == 16);

}  // namespace enlighten::guest
