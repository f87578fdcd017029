// SPDX-License-Identifier: MIT
// The console that a toolstack gives a domain: a ring, and an event channel to the backend, xenconsoled.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <abi/frame.hpp>
#include <base/ids.hpp>
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
      : xen_{&xen}, port_{place.port}, output_{*reinterpret_cast<abi::Console_ring*>(address_of(place.frame))} {}

  static constexpr std::uint32_t size = Console_output<>::size;
  // As Console_output says.
  [[nodiscard]] std::uint32_t room() const noexcept { return output_.room(); }

  // At most room() characters, and the backend knows.
  void write(std::string_view text) noexcept;

  // Lets another domain run, such as the backend's.
  void give_way() const noexcept { xen_->yield(); }

 private:
  const Hypercalls* xen_;
  Port port_;
  Console_output<> output_;
};

}  // namespace enlighten::guest
