// SPDX-License-Identifier: MIT
// Where a domain finds xenstored: what its maker has left in its parameters ([xen] hvm/params.h).
#pragma once

#include <abi/frame.hpp>
#include <abi/hvm_op.hpp>
#include <base/ids.hpp>
#include <guest/hypercalls.hpp>

namespace enlighten::guest {

struct Xenstore_place {
  abi::Gfn frame;
  Port port;

  // Asked anew after each event of the port as long as is_late().
  [[nodiscard]] static Xenstore_place find(const Hypercalls& xen) noexcept {
    return {.frame = abi::Gfn{xen.parameter(abi::Hvm_param::store_pfn)},
            .port = Port{static_cast<std::uint32_t>(xen.parameter(abi::Hvm_param::store_evtchn))}};
  }

  // The domain has been given none, and will not be.
  [[nodiscard]] bool is_none() const noexcept { return port == Port{0} || frame == abi::Gfn{0}; }
  // The port is there, the page is not yet: Xen has made the domain, and xenstored is started after it.
  [[nodiscard]] bool is_late() const noexcept { return frame == abi::no_frame; }
};

}  // namespace enlighten::guest
