// SPDX-License-Identifier: MIT
// A domain's event channels: choosing the ABI, binding ports to vCPUs that are ready for them, delivering events.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include <abi/domain_id.hpp>
#include <abi/event_channel.hpp>
#include <abi/shared_info.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/bound_port.hpp>
#include <guest/bringup.hpp>
#include <guest/fifo_array.hpp>
#include <guest/hypercalls.hpp>
#include <guest/page_source.hpp>
#include <guest/port_table.hpp>
#include <guest/spin_lock.hpp>
#include <guest/two_level_array.hpp>
#include <guest/vcpu_events.hpp>

namespace enlighten::guest {

enum class Event_abi : std::uint8_t { two_level, fifo };

[[nodiscard]] constexpr const char* name(Event_abi abi) noexcept {
  return abi == Event_abi::fifo ? "fifo" : "2l";
}

enum class Event_preference : std::uint8_t {
  automatic,  // FIFO, or 2-level where Xen does not offer it or refuses
  two_level,
  fifo,  // or an error
};

// One per domain. All memory comes from a Page_source and is shared with Xen until reset().
class Event_channels {
 public:
  Event_channels(const Hypercalls& xen, Page_source& pages) noexcept : xen_{&xen}, pages_{&pages}, ports_{pages} {}

  // On the boot vCPU, before anything is bound: chooses the ABI for the life of the domain.
  [[nodiscard]] Result<Ready_vcpu> boot(const Starting_context& self, Vcpu_events& events, abi::Shared_info& shared,
                                        Event_preference preference) noexcept;

  // On every other vCPU as it starts. Until this has returned there is no token to bind a port to that vCPU with:
  // with FIFO, Xen drops events for a vCPU without control block and tells nobody.
  [[nodiscard]] Result<Ready_vcpu> start(const Starting_context& self, Vcpu_events& events) noexcept;

  [[nodiscard]] Event_abi abi() const noexcept { return abi_; }

  // The port is masked until its handler is in place; `initially` says whether it then stays so. A handler runs on
  // the vCPU its port is bound to, one event at a time, and must outlive the port. nullptr: events only wake that
  // vCPU. These and all that can be done to a port may be called on any vCPU, in handlers too.
  [[nodiscard]] Result<Bound_port> bind_ipi(Ready_vcpu vcpu, Event_handler* handler,
                                            Initially initially = Initially::unmasked) noexcept;
  // A domain has one port for a VIRQ that is not of each vCPU's own; it can be moved.
  [[nodiscard]] Result<Bound_port> bind_virq(Virq virq, Ready_vcpu vcpu, Event_handler* handler,
                                             Initially initially = Initially::unmasked) noexcept;
  // A port that `remote` may bind to.
  [[nodiscard]] Result<Bound_port> alloc_unbound(Domain_id remote, Ready_vcpu vcpu, Event_handler* handler,
                                                 Initially initially = Initially::unmasked) noexcept;
  // To a port that `remote` has allocated for us; DOMID_SELF makes a loop. Xen raises one event here at once, for
  // the peer may have sent before there was anybody to receive; where vCPU 0 is not ready Xen loses it, so look
  // once yourself at what the events of this port announce.
  [[nodiscard]] Result<Bound_port> bind_interdomain(Domain_id remote, Port remote_port, Ready_vcpu vcpu,
                                                    Event_handler* handler,
                                                    Initially initially = Initially::unmasked) noexcept;

  // A port that whoever made the domain has bound already, such as xenstored's. It is given back as it was: closing
  // it only takes its handler away, since nobody could bind it anew.
  [[nodiscard]] Result<Bound_port> attach(Port port, Ready_vcpu vcpu, Event_handler* handler,
                                          Initially initially = Initially::unmasked) noexcept;

  // EVTCHNOP_status of any port of ours.
  [[nodiscard]] Result<abi::Evtchn_status> status(Port port) const noexcept;

  // Delivers what is pending for the calling vCPU. Returns how many events that was.
  [[nodiscard]] Result<std::uint32_t> deliver(Vcpu_events& self) noexcept;

  // Ports that may move from `from` do, to `to`; IPIs and per-vCPU VIRQs stay, and what is sent to them meanwhile
  // is delivered when the vCPU is back. On `from`'s own CPU, which afterwards delivers once more what was linked
  // before.
  [[nodiscard]] Result<> move_ports(Ready_vcpu from, Ready_vcpu to) noexcept;

  // EVTCHNOP_reset: every port of the domain is closed, also those that a toolstack made; the domain is back at the
  // 2-level ABI, and every token and Bound_port is void: what is asked of one is an error, and nothing is
  // delivered. For the very end of a guest that hands the domain over to another one, on the last vCPU that is
  // still on.
  [[nodiscard]] Result<> reset() noexcept;

 private:
  friend class Bound_port;

  [[nodiscard]] Result<> use_fifo(const Starting_context& self, Vcpu_events& events) noexcept;
  [[nodiscard]] Result<> confirm_two_level() const noexcept;
  [[nodiscard]] Ready_vcpu make_ready(const Starting_context& self, Vcpu_events& events) noexcept;
  // Between boot() and reset().
  [[nodiscard]] bool is_open() const noexcept { return fifo_ || two_level_; }
  [[nodiscard]] Result<Bound_port> adopt(Port port, Ready_vcpu vcpu, Event_handler* handler, Port_mobility mobility,
                                         Initially initially) noexcept;
  [[nodiscard]] Result<> enter(Port port, Ready_vcpu vcpu, Event_handler* handler, Port_mobility mobility) noexcept;
  [[nodiscard]] Result<Port_slot*> make_room(Port port) noexcept;
  // With FIFO: gives Xen pages until `port` has a word.
  [[nodiscard]] Result<> cover(Port port) noexcept;
  [[nodiscard]] Vcpu_events* events_of(std::uint32_t cpu) const noexcept;

  // Of a port that is bound, while is_open().
  [[nodiscard]] Result<> send(Port port) const noexcept;
  void mask(Port port) noexcept;
  void mask_locked(Port port) noexcept;
  [[nodiscard]] Result<> unmask(Port port) noexcept;
  [[nodiscard]] Result<> unmask_locked(Port port) noexcept;
  [[nodiscard]] Result<> move(Port port, Ready_vcpu to) noexcept;
  [[nodiscard]] Result<> move_locked(Port port, Port_slot& slot, Ready_vcpu to) noexcept;
  [[nodiscard]] Result<> set_priority(Port port, std::uint32_t priority) noexcept;
  [[nodiscard]] Result<> close(Port port) noexcept;
  [[nodiscard]] Result<> close_at_xen(Port port) const noexcept;

  void handle(Vcpu_events& self, Port port) noexcept;
  static void finish_delivery(Vcpu_events& self, std::uint32_t delivered) noexcept;
  template <typename Dispatch>
  void deliver_past_break(Vcpu_events& self, Dispatch& dispatch) noexcept;
  template <typename Dispatch>
  void recover(Vcpu_events& self, Dispatch& dispatch) noexcept;
  void leave_behind(Port port) noexcept;

  const Hypercalls* xen_;
  Page_source* pages_;
  Port_table ports_;
  std::optional<Fifo_array<>> fifo_;
  std::optional<Two_level_array<>> two_level_;
  std::atomic<Vcpu_events*> first_{nullptr};  // every vCPU that was ever ready, linked
  Event_abi abi_ = Event_abi::two_level;
  // Of the array and the table; everything else about a port is under the port's own lock.
  Spin_lock growth_;
};

}  // namespace enlighten::guest
