// SPDX-License-Identifier: MIT
// Grows the table of ports by whole pages.
#include <guest/port_table.hpp>

#include <new>

namespace enlighten::guest {
namespace {

[[nodiscard]] Error no_memory(Port port) noexcept {
  return Error::make(Error_kind::out_of_memory, "event channels: no page to note port %u in",
                     static_cast<unsigned>(port.value()));
}

}  // namespace

Result<Port_slot*> Port_table::make(Port port) noexcept {
  if (port.value() >= abi::fifo_ports) {
    return Error::make(Error_kind::protocol, "event channels: Xen gave port %u, the last can be %u",
                       static_cast<unsigned>(port.value()), static_cast<unsigned>(abi::fifo_ports - 1));
  }
  Port_slot** directory = directory_.load(std::memory_order_relaxed);
  if (directory == nullptr) {
    void* const page = pages_->page();
    if (page == nullptr) {
      return no_memory(port);
    }
    directory = static_cast<Port_slot**>(page);
    directory_.store(directory, std::memory_order_release);
  }
  Port_slot*& entry = directory[port.value() / slots_per_page];
  if (entry == nullptr) {
    void* const page = pages_->page();
    if (page == nullptr) {
      return no_memory(port);
    }
    auto* const slots = static_cast<Port_slot*>(page);
    for (std::uint32_t index = 0; index < slots_per_page; ++index) {
      new (slots + index) Port_slot;
    }
    std::atomic_ref{entry}.store(slots, std::memory_order_release);
  }
  return entry + port.value() % slots_per_page;
}

}  // namespace enlighten::guest
