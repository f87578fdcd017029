// SPDX-License-Identifier: MIT
// What both event ABIs answer alike: how an unmask ended, what a drain did.
#pragma once

#include <cstdint>

namespace enlighten::guest {

enum class Unmask : std::uint8_t {
  done,             // nothing was waiting
  needs_hypercall,  // EVTCHNOP_unmask must finish it: an event came while the port was masked, and only Xen can
                    // raise it
  no_word,          // the port has no word in memory, and is masked for as long as it has none
};

struct Drained {
  std::uint32_t delivered = 0;
  // The limit was reached, not the end: drain again before sleeping, no upcall will come for what is left.
  bool more = false;
};

}  // namespace enlighten::guest
