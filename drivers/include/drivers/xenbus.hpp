// SPDX-License-Identifier: MIT
// What one end of a paravirtual device does when the other end's state changes ([xen] io/xenbus.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <abi/xenbus.hpp>
#include <base/result.hpp>

namespace enlighten::drivers {

using abi::Xenbus_state;

[[nodiscard]] const char* name(Xenbus_state state) noexcept;

// Of the node `state`, whose value is in decimal. An error in words for any other text, and for a number that is
// none of the nine.
[[nodiscard]] Result<Xenbus_state> xenbus_state_of(std::string_view text) noexcept;

enum class Xenbus_role : std::uint8_t { front, back };

// What is to be done before the state that comes with it is written.
enum class Xenbus_step : std::uint8_t {
  wait,         // nothing, and nothing is written: it is the other end's turn
  publish,      // write what the other end has to know of this one
  connect,      // read what the other end has published, and set up what is shared
  reconfigure,  // let go of, or make, what the other end wants changed
  close,        // use nothing any more that is shared: the device is at its end
  release,      // give back what was shared: the other end does not use it any more
};

struct Xenbus_move {
  Xenbus_step step = Xenbus_step::wait;
  Xenbus_state next = Xenbus_state::unknown;  // to be written when that is done; with `wait`, as it is

  friend bool operator==(const Xenbus_move&, const Xenbus_move&) = default;
};

// From the states of both ends, as they stand; the same again for as long as neither changes. The way of most
// devices:
//
//   front                                      back
//   initialising                               publish, init_wait
//   publish, initialised                       connect, connected
//   connect, connected
//                                              reconfiguring
//   reconfigure, reconfiguring                 reconfigure, reconfigured
//   connect, connected                         connect, connected
//   closing                                    close, closing
//   release, closed                            release, closed
//
// A front may be connected at once, and a back be taken for ready as `initialised`. Either end may write `closing`
// at any time, and the other follows. An end that vanishes (`peer` is none: there is no such node, or domain) takes
// the other one to its end, as does a front that begins anew; only an end that has not begun waits for one that is
// yet to come. A back that is closed goes back to init_wait when its front begins anew; a front that is closed
// stays so until its program writes `initialising`.
//
// An error of kind `protocol` if no end of the other's kind has such a state, of kind `argument` if none of this
// one's has.
[[nodiscard]] Result<Xenbus_move> xenbus_next(Xenbus_role role, Xenbus_state own,
                                              std::optional<Xenbus_state> peer) noexcept;

}  // namespace enlighten::drivers
