// SPDX-License-Identifier: MIT
// A port of ours: owned by one object, closed when that object goes.
#pragma once

#include <cstdint>
#include <utility>

#include <abi/event_channel.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/vcpu_events.hpp>

namespace enlighten::guest {

class Event_channels;

enum class Initially : std::uint8_t { unmasked, masked };

// Move-only. An empty one (moved from, or closed) has port 0, which no operation succeeds on. May be used and
// closed on any vCPU, in handlers too. Once close() has returned, or the object is gone, the port's handler neither
// runs nor will, but for the handler that closes its own port. For that, close() waits for a handler at work on
// another vCPU: two handlers that close each other's ports at the same time wait for ever.
class [[nodiscard]] Bound_port {
 public:
  constexpr Bound_port() noexcept = default;
  Bound_port(Bound_port&& other) noexcept
      : channels_{std::exchange(other.channels_, nullptr)}, port_{std::exchange(other.port_, Port{0})} {}
  Bound_port& operator=(Bound_port&& other) noexcept;
  ~Bound_port();

  [[nodiscard]] Port port() const noexcept { return port_; }
  [[nodiscard]] explicit operator bool() const noexcept { return channels_ != nullptr; }

  // Raises the event at the other end; of an IPI, at the vCPU it is bound to.
  [[nodiscard]] Result<> send() const noexcept;

  // An event that comes while the port is masked is delivered when it no longer is.
  void mask() const noexcept;
  [[nodiscard]] Result<> unmask() const noexcept;

  [[nodiscard]] bool is_pending() const noexcept;
  // For a masked port that is polled: takes the event that is_pending() saw.
  void clear_pending() const noexcept;

  // EVTCHNOP_bind_vcpu; Xen refuses for IPIs and VIRQs of a vCPU's own. No event is lost. One that was on its way
  // to the old vCPU may still be handled there, this once, as are those that come while it is.
  [[nodiscard]] Result<> move_to(Ready_vcpu vcpu) const noexcept;

  // 0, the highest, to 15, from the next event on; with the FIFO ABI only.
  [[nodiscard]] Result<> set_priority(std::uint32_t priority) const noexcept;

  [[nodiscard]] Result<abi::Evtchn_status> status() const noexcept;

  [[nodiscard]] Result<> close() noexcept;

 private:
  friend class Event_channels;
  Bound_port(Event_channels& channels, Port port) noexcept : channels_{&channels}, port_{port} {}

  [[nodiscard]] bool is_usable() const noexcept;
  [[nodiscard]] Result<Event_channels*> channels(const char* action) const noexcept;

  Event_channels* channels_ = nullptr;
  Port port_{0};
};

}  // namespace enlighten::guest
