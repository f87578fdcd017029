// SPDX-License-Identifier: MIT
// How events reach a guest's memory: what the 2-level and the FIFO ABI have in common.
#pragma once

#include <cstdint>

#include <model/domain_view.hpp>
#include <model/event_channel.hpp>

namespace enlighten::model {

class Event_abi {
 public:
  Event_abi() = default;
  Event_abi(const Event_abi&) = delete;
  Event_abi& operator=(const Event_abi&) = delete;
  virtual ~Event_abi() = default;

  // How many ports the memory of this ABI has room for.
  [[nodiscard]] virtual std::uint32_t ports() const = 0;

  // These under the domain's event lock.
  virtual void set_pending(Event_channel& channel, Vcpu_id vcpu) = 0;
  virtual void clear_pending(Event_channel& channel) = 0;
  virtual void unmask(Event_channel& channel) = 0;
  // A free port that the guest's memory still holds on to is not given out again.
  [[nodiscard]] virtual bool is_busy(Port port) = 0;

  // Without it.
  [[nodiscard]] virtual bool is_pending(Port port) = 0;
};

// vcpu_mark_events_pending() ([xen] arm/domain.c): an interrupt only when evtchn_upcall_pending turns from 0 to 1.
void mark_events_pending(Domain_view& domain, Vcpu_id vcpu);

}  // namespace enlighten::model
