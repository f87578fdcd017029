// SPDX-License-Identifier: MIT
// The console that a toolstack gives a domain: finds it, and wakes its backend.
#include <guest/pv_console.hpp>

#include <abi/event_channel.hpp>
#include <abi/hvm_op.hpp>

namespace enlighten::guest {

Pv_console::Place Pv_console::find(const Hypercalls& xen) noexcept {
  const Port port{static_cast<std::uint32_t>(xen.parameter(abi::Hvm_param::console_evtchn))};
  return {abi::Gfn{xen.parameter(abi::Hvm_param::console_pfn)}, port};
}

void Pv_console::write(std::string_view text) noexcept {
  output_.put(text);
  // Each time: a backend that is reading just now may have looked at the index before. Should Xen refuse, then the
  // port is gone, and nobody reads any more: the ring fills.
  abi::Evtchn_send send{port_};
  static_cast<void>(xen_->event_channel(Call::event_send, abi::Event_channel_op::send, send));
}

}  // namespace enlighten::guest
