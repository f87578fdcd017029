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

// Each time: a backend that is at work just now may have looked at the index before. Should Xen refuse, then the
// port is gone, and nobody is there any more: the ring fills, and nothing comes.
void Pv_console::notify() const noexcept {
  abi::Evtchn_send send{port_};
  static_cast<void>(xen_->event_channel(Call::event_send, abi::Event_channel_op::send, send));
}

void Pv_console::write(std::string_view text) noexcept {
  output_.put(text);
  notify();
}

Result<std::uint32_t> Pv_console_input::read(std::span<char> to) noexcept {
  const std::uint32_t count = ENLIGHTEN_TRY(ring_.take(to));
  if (count != 0) {
    console_->notify();
  }
  return count;
}

}  // namespace enlighten::guest
