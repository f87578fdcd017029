// SPDX-License-Identifier: MIT
// The event channels of one domain: EVTCHNOP_* as Xen carries them out ([xen] event_channel.c).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include <abi/event_channel.hpp>
#include <model/domain_view.hpp>
#include <model/event_channel.hpp>
#include <model/event_fifo.hpp>
#include <model/event_two_level.hpp>
#include <model/lock.hpp>

namespace enlighten::model {

struct Event_limits {
  // max_event_channels of xl and of dom0less domains ([xen] arm/dom0less-build.c).
  Port highest{1023};
};

class Event_channels {
 public:
  // Asks `domain` for nothing yet.
  explicit Event_channels(Domain_view& domain, Event_limits limits = {});
  Event_channels(const Event_channels&) = delete;
  Event_channels& operator=(const Event_channels&) = delete;
  ~Event_channels() = default;

  // event_channel_op(operation, argument): 0 or a negative abi::Errno.
  [[nodiscard]] std::int64_t call(std::uint32_t operation, std::uint64_t argument_address);

  // Xen's side of a virtual interrupt. One that is not per vCPU goes to wherever its port is bound.
  void raise_virq(Virq virq, Vcpu_id vcpu);

  // At boot: `port` here and `peer_port` there are one channel, whatever XSM would say. `peer` is the side that is
  // bound second: its port starts pending. EBUSY or ENOSPC if a port cannot be had.
  [[nodiscard]] std::int64_t connect_static(Port port, Event_channels& peer, Port peer_port);

  // A port whose local end is Xen itself, for `remote` to bind to; nothing if all ports are taken.
  [[nodiscard]] std::optional<Port> attach_xen(Domain_id remote);

  // A port whose other end a program of domain 0 holds that is not a guest of the model: `on_event` is called, with
  // no lock held, on the vCPU that sends. Before the domain runs; nothing if all ports are taken.
  [[nodiscard]] std::optional<Port> connect_program(std::function<void()> on_event);
  // By that program.
  void raise_from_program(Port port);

  // The domain goes: each peer's port becomes unbound, no memory of the guest is used any more.
  void close_all();

  // For SCHEDOP_poll; any of them may be asked from within wake_pollers().
  [[nodiscard]] bool is_valid(Port port) { return table_.find(port) != nullptr; }
  [[nodiscard]] bool is_usable(Port port);
  [[nodiscard]] bool is_pending(Port port);

  // Off: the guest may do what it should not, and sees what Xen makes of it.
  void set_checking(bool on);

 private:
  enum class Caller : std::uint8_t { guest, xen };
  enum class Resetting : std::uint8_t { from_the_start, continued };
  // Two domains' event locks, the lower id's first, so that two domains that reach for each other do not block.
  class Both_locked {
   public:
    Both_locked(Event_channels& one, Event_channels& other);

   private:
    std::optional<Lock_guard> first_;
    std::optional<Lock_guard> second_;
  };

  [[nodiscard]] std::int64_t call_without_output(std::uint32_t operation, std::uint64_t argument_address);
  [[nodiscard]] std::int64_t alloc_unbound(abi::Evtchn_alloc_unbound& argument);
  [[nodiscard]] std::int64_t bind_interdomain(abi::Evtchn_bind_interdomain& argument);
  [[nodiscard]] std::int64_t bind_virq(abi::Evtchn_bind_virq& argument);
  [[nodiscard]] std::int64_t bind_pirq(abi::Evtchn_bind_pirq& argument);
  [[nodiscard]] std::int64_t bind_ipi(abi::Evtchn_bind_ipi& argument);
  [[nodiscard]] std::int64_t bind_vcpu(const abi::Evtchn_bind_vcpu& argument);
  [[nodiscard]] std::int64_t status(abi::Evtchn_status& argument);
  [[nodiscard]] std::int64_t close(Port port, Caller caller);
  [[nodiscard]] std::int64_t send(Port port);
  [[nodiscard]] std::int64_t unmask(Port port);
  [[nodiscard]] std::int64_t reset(Domain_id domain, Resetting resetting);
  [[nodiscard]] std::int64_t init_control(abi::Evtchn_init_control& argument);
  [[nodiscard]] std::int64_t expand_array(const abi::Evtchn_expand_array& argument);
  [[nodiscard]] std::int64_t set_priority(const abi::Evtchn_set_priority& argument);

  // The caller's own by id or as DOMID_SELF, or another's; null if there is no such domain.
  [[nodiscard]] Event_channels* find_domain(Domain_id domain);
  [[nodiscard]] bool may_control(const Event_channels& other) const;
  // 0 if `domain` may be told of a port that `remote` may bind to.
  [[nodiscard]] std::int64_t may_be_unbound(const Event_channels& domain, Domain_id remote);

  // Does `operation(peer)` with this domain's lock and the peer's held. Who the peer is can change until both are.
  template <typename Operation>
  [[nodiscard]] std::int64_t with_peer(const Event_channel& channel, Operation operation);

  // These under the lock. A port is `free` until it is given a state with begin().
  [[nodiscard]] std::int64_t allocate(Port port);
  [[nodiscard]] std::int64_t allocate_first(Port& port);
  Event_channel& begin(Port port, Channel_state state, Vcpu_id notify);
  Event_channel& begin_interdomain(Port port, const Event_channels& peer, Port peer_port);
  void set_pending(Event_channel& channel);
  // The guest has chosen `vcpu` for `port`.
  void check_target(Port port, Vcpu_id vcpu);
  void release(Event_channel& channel);
  [[nodiscard]] std::int64_t close_locked(Event_channel& channel, Event_channels* peer, Caller caller);
  [[nodiscard]] std::int64_t finish_reset();
  // The domain at the other end of an interdomain channel, null if the channel is none.
  [[nodiscard]] Event_channels* peer_of(const Event_channel& channel);
  [[nodiscard]] std::int64_t send_locked(Port port, Event_channels* peer);
  [[nodiscard]] bool has_program(const Event_channel& channel) const;

  Domain_view& domain_;
  Lock lock_;
  Port_table table_;
  Event_two_level two_level_{domain_};
  Event_fifo fifo_{domain_, table_};
  std::atomic<Event_abi*> abi_{&two_level_};
  // By vCPU and virtual interrupt; what is not per vCPU stands at vCPU 0.
  std::map<std::pair<Vcpu_id, Virq>, Port> virqs_;
  // By port, what programs of domain 0 do for an event; filled before the domain runs.
  std::map<Port, std::function<void()>> programs_;
  bool resetting_ = false;
  bool checking_ = true;
};

template <typename Operation>
std::int64_t Event_channels::with_peer(const Event_channel& channel, Operation operation) {
  while (true) {
    Event_channels* peer = nullptr;
    {
      const Lock_guard guard{lock_, domain_.turns()};
      peer = peer_of(channel);
    }
    const Both_locked both{*this, peer != nullptr ? *peer : *this};
    if (peer_of(channel) == peer) {
      return operation(peer);
    }
  }
}

}  // namespace enlighten::model
