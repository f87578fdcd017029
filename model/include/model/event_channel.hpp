// SPDX-License-Identifier: MIT
// What Xen remembers of each port of a domain, and which ports there are.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include <abi/event_fifo.hpp>
#include <base/ids.hpp>

namespace enlighten::model {

enum class Channel_state : std::uint8_t { free, reserved, unbound, interdomain, virq, ipi };

struct Event_channel {
  // Read without the domain's event lock by SCHEDOP_poll; all else is under it.
  std::atomic<Channel_state> state{Channel_state::free};
  // Xen itself is at this end: the guest can do nothing with the port.
  std::atomic<bool> attached_to_xen{false};
  Port port{0};
  Vcpu_id notify{0};
  Domain_id remote_domain{0};
  Port remote_port{0};
  Virq virq{0};

  // The FIFO ABI's.
  std::uint32_t priority = abi::fifo_priority_default;
  // The queue it was linked to last.
  Vcpu_id last_vcpu{0};
  std::uint32_t last_priority = 0;
  // Raised while there was no word to set: raised again when the page of the array comes.
  bool saved_pending = false;
  // Only where no event is lost for want of a control block: raised again when the block comes.
  bool awaits_control_block = false;
  bool blamed_for_loss = false;

  [[nodiscard]] bool usable() const {
    return !attached_to_xen.load(std::memory_order_acquire) &&
           state.load(std::memory_order_acquire) > Channel_state::reserved;
  }
};

// The ports of a domain. They come into being a bucket at a time, as allocation gets there.
class Port_table {
 public:
  // Xen's struct evtchn is 64 bytes, a bucket is a page of them ([xen] sched.h).
  static constexpr std::uint32_t bucket = 64;

  // `highest` is the highest port the domain may have.
  explicit Port_table(Port highest);

  // Null for a port that does not exist so far.
  [[nodiscard]] Event_channel* find(Port port);
  // Makes `port`, which the domain may have, exist.
  Event_channel& reach(Port port);
  [[nodiscard]] std::uint32_t valid() const { return valid_.load(std::memory_order_acquire); }
  [[nodiscard]] Port highest() const { return highest_; }

  void for_each(const std::function<void(Event_channel&)>& visit);

 private:
  Port highest_;
  std::unique_ptr<Event_channel[]> channels_;
  std::atomic<std::uint32_t> valid_{bucket};
};

}  // namespace enlighten::model
