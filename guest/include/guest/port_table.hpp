// SPDX-License-Identifier: MIT
// The domain's ports, each with what is known of it.
#pragma once

#include <atomic>
#include <cstdint>

#include <abi/event_fifo.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/page_source.hpp>
#include <guest/port_slot.hpp>

namespace enlighten::guest {

// Grows by pages, never shrinks. Whoever grows it holds off others who would; the rest is for anybody.
class Port_table {
 public:
  explicit Port_table(Page_source& pages) noexcept : pages_{&pages} {}

  // The port's slot, made if there is none yet.
  [[nodiscard]] Result<Port_slot*> make(Port port) noexcept;

  // nullptr for a port that was never bound.
  [[nodiscard]] Port_slot* find(Port port) const noexcept {
    // Acquire, here and below: pages are in order before they are entered (release in make()); weaker, and a vCPU
    // could find a page whose contents it does not see.
    Port_slot** const directory = directory_.load(std::memory_order_acquire);
    if (directory == nullptr || port.value() >= abi::fifo_ports) {
      return nullptr;
    }
    Port_slot* const page =
        std::atomic_ref{directory[port.value() / slots_per_page]}.load(std::memory_order_acquire);
    return page == nullptr ? nullptr : page + port.value() % slots_per_page;
  }

  // Calls visit(Port, Port_slot&) for each slot there is.
  template <typename Visit>
  void each(Visit visit) const noexcept {
    for (std::uint32_t first = 0; first < abi::fifo_ports; first += slots_per_page) {
      if (Port_slot* const page = find(Port{first})) {
        for (std::uint32_t slot = 0; slot < slots_per_page; ++slot) {
          visit(Port{first + slot}, page[slot]);
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t slots_per_page = abi::page_size / sizeof(Port_slot);
  static constexpr std::uint32_t pages_in_directory = abi::fifo_ports / slots_per_page;
  static_assert(pages_in_directory * sizeof(Port_slot*) <= abi::page_size);

  Page_source* pages_;
  std::atomic<Port_slot**> directory_{nullptr};
};

}  // namespace enlighten::guest
