// SPDX-License-Identifier: MIT
// Which ports of a domain exist.
#include <model/event_channel.hpp>

#include <algorithm>

namespace enlighten::model {
namespace {

std::uint32_t rounded_up_to_bucket(Port highest) {
  return (highest.value() / Port_table::bucket + 1) * Port_table::bucket;
}

}  // namespace

Port_table::Port_table(Port highest)
    : highest_{std::min(highest, Port{abi::fifo_ports - 1})},
      channels_{std::make_unique<Event_channel[]>(rounded_up_to_bucket(highest_))} {
  for (std::uint32_t port = 0; port < rounded_up_to_bucket(highest_); ++port) {
    channels_[port].port = Port{port};
  }
  channels_[0].state = Channel_state::reserved;
}

Event_channel* Port_table::find(Port port) {
  return port.value() < valid() ? &channels_[port.value()] : nullptr;
}

Event_channel& Port_table::reach(Port port) {
  const std::uint32_t needed = rounded_up_to_bucket(port);
  if (needed > valid()) {
    valid_.store(needed, std::memory_order_release);
  }
  return channels_[port.value()];
}

void Port_table::for_each(const std::function<void(Event_channel&)>& visit) {
  for (std::uint32_t port = 1; port < valid(); ++port) {
    visit(channels_[port]);
  }
}

}  // namespace enlighten::model
