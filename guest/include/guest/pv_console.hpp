// SPDX-License-Identifier: MIT
// The console that a toolstack gives a domain: a ring, and an event channel to the backend, xenconsoled.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <abi/frame.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/console_ring.hpp>
#include <guest/hypercalls.hpp>

namespace enlighten::guest {

class Pv_console {
 public:
  // HVM_PARAM_CONSOLE_PFN and _EVTCHN; a frame of 0 for a domain that Xen made from a device tree.
  struct Place {
    abi::Gfn frame;
    Port port;
  };
  [[nodiscard]] static Place find(const Hypercalls& xen) noexcept;

  // `place.frame` must be mapped at its own address, as ordinary memory.
  Pv_console(const Hypercalls& xen, const Place& place) noexcept
      : xen_{&xen},
        port_{place.port},
        output_{reinterpret_cast<abi::Console_page*>(address_of(place.frame))->ring} {}

  static constexpr std::uint32_t size = Console_output<>::size;
  // As Console_output says.
  [[nodiscard]] std::uint32_t room() const noexcept { return output_.room(); }

  // At most room() characters, and the backend knows.
  void write(std::string_view text) noexcept;

  // The backend's events: something has come, or has been read. It is there already, and whoever made the domain
  // has bound it.
  [[nodiscard]] Port port() const noexcept { return port_; }

  // False while nobody is at the other end, as a toolstack of 4.21 and later says that attaches its console to a
  // running domain.
  [[nodiscard]] bool is_connected() const noexcept {
    return Shared_words::load(page().connection, std::memory_order_relaxed) == abi::console_connected;
  }

  // Lets another domain run, such as the backend's.
  void give_way() const noexcept { xen_->yield(); }

  // Wakes the backend.
  void notify() const noexcept;

  // The ring is the first in it.
  [[nodiscard]] abi::Console_page& page() const noexcept {
    return reinterpret_cast<abi::Console_page&>(output_.ring());
  }

 private:
  const Hypercalls* xen_;
  Port port_;
  Console_output<> output_;
};

// What is typed at it, for one reader at a time, on any vCPU while others write.
class Pv_console_input {
 public:
  explicit Pv_console_input(Pv_console& console) noexcept : console_{&console}, ring_{console.page().ring} {}

  // As Console_input::take(); then the backend knows that there is room.
  [[nodiscard]] Result<std::uint32_t> read(std::span<char> to) noexcept;

  [[nodiscard]] Port port() const noexcept { return console_->port(); }

 private:
  Pv_console* console_;
  Console_input<> ring_;
};

}  // namespace enlighten::guest
