// SPDX-License-Identifier: MIT
// How far an end of a paravirtual device has come, as both ends tell each other in xenstore ([xen] io/xenbus.h).
#pragma once

#include <cstdint>

namespace enlighten::abi {

// Written in decimal.
enum class Xenbus_state : std::uint32_t {
  unknown = 0,
  initialising = 1,
  init_wait = 2,    // ready, and waits for the other end's details
  initialised = 3,  // has told its own, and waits for a connection
  connected = 4,
  closing = 5,
  closed = 6,
  reconfiguring = 7,
  reconfigured = 8,
};

}  // namespace enlighten::abi
