// SPDX-License-Identifier: MIT
// The decisions of a front and of a back: for each state of its own, what each of the other's means.
#include <drivers/xenbus.hpp>

#include <array>
#include <charconv>

namespace enlighten::drivers {
namespace {

using State = Xenbus_state;
using Step = Xenbus_step;

constexpr std::uint32_t states = 9;

[[nodiscard]] bool is_of(Xenbus_role role, State state) noexcept {
  switch (state) {
    case State::unknown:
      return false;
    case State::init_wait:
    case State::reconfigured:
      return role == Xenbus_role::back;
    default:
      return static_cast<std::uint32_t>(state) < states;
  }
}

[[nodiscard]] bool is_ending(State peer) noexcept {
  return peer == State::closing || peer == State::closed;
}

// No node, or one in which stands that there is nothing to be known, which is the same.
[[nodiscard]] bool has_vanished(State peer) noexcept {
  return peer == State::unknown;
}

[[nodiscard]] Xenbus_move front_next(State own, State peer) noexcept {
  const Xenbus_move wait{Step::wait, own};
  const bool must_close = is_ending(peer) || has_vanished(peer);
  switch (own) {
    case State::initialising:
      // A back that is connected has not noticed that its front begins anew, and reads what it is then told.
      return peer == State::init_wait || peer == State::initialised || peer == State::connected
                 ? Xenbus_move{Step::publish, State::initialised}
                 : wait;
    case State::initialised:
    case State::reconfiguring:
      if (must_close) {
        return {Step::close, State::closing};
      }
      return peer == State::connected || (own == State::reconfiguring && peer == State::reconfigured)
                 ? Xenbus_move{Step::connect, State::connected}
                 : wait;
    case State::connected:
      if (must_close) {
        return {Step::close, State::closing};
      }
      return peer == State::reconfiguring ? Xenbus_move{Step::reconfigure, State::reconfiguring} : wait;
    case State::closing:
      // A back has let go before it says that it closes. One that has not begun, or begins anew, has nothing.
      return must_close || peer == State::initialising || peer == State::init_wait
                 ? Xenbus_move{Step::release, State::closed}
                 : wait;
    default:
      return wait;
  }
}

[[nodiscard]] Xenbus_move back_next(State own, State peer) noexcept {
  const Xenbus_move wait{Step::wait, own};
  const bool must_close = is_ending(peer) || has_vanished(peer);
  const bool is_ready = peer == State::initialised || peer == State::connected;
  switch (own) {
    case State::initialising:
      return must_close ? wait : Xenbus_move{Step::publish, State::init_wait};
    case State::init_wait:
    case State::initialised:
      if (must_close) {
        return {Step::close, State::closing};
      }
      return is_ready ? Xenbus_move{Step::connect, State::connected} : wait;
    case State::connected:
    case State::reconfiguring:
    case State::reconfigured:
      // A front that begins anew has forgotten what it shares.
      if (must_close || peer == State::initialising) {
        return {Step::close, State::closing};
      }
      if (peer == State::reconfiguring) {
        return own == State::reconfigured ? wait : Xenbus_move{Step::reconfigure, State::reconfigured};
      }
      return own == State::reconfigured ? Xenbus_move{Step::connect, State::connected} : wait;
    case State::closing:
      // Of two that close, the front is the first that is closed.
      return peer == State::closed || has_vanished(peer) || peer == State::initialising
                 ? Xenbus_move{Step::release, State::closed}
                 : wait;
    case State::closed:
      return peer == State::initialising ? Xenbus_move{Step::publish, State::init_wait} : wait;
    default:
      return wait;
  }
}

[[nodiscard]] const char* name(Xenbus_role role) noexcept {
  return role == Xenbus_role::front ? "front" : "back";
}

}  // namespace

const char* name(Xenbus_state state) noexcept {
  switch (state) {
    case State::unknown:
      return "unknown";
    case State::initialising:
      return "initialising";
    case State::init_wait:
      return "init_wait";
    case State::initialised:
      return "initialised";
    case State::connected:
      return "connected";
    case State::closing:
      return "closing";
    case State::closed:
      return "closed";
    case State::reconfiguring:
      return "reconfiguring";
    case State::reconfigured:
      return "reconfigured";
  }
  return "none of the nine";
}

Result<Xenbus_state> xenbus_state_of(std::string_view text) noexcept {
  std::uint32_t number = states;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number >= states) {
    return Error::make(Error_kind::protocol, "xenbus: '%.*s' is no state: those are 0 to 8",
                       static_cast<int>(text.size()), text.data());
  }
  return static_cast<State>(number);
}

Result<Xenbus_move> xenbus_next(Xenbus_role role, Xenbus_state own, std::optional<Xenbus_state> peer) noexcept {
  const Xenbus_role other = role == Xenbus_role::front ? Xenbus_role::back : Xenbus_role::front;
  const State theirs = peer.value_or(State::unknown);
  if (!is_of(role, own)) {
    return Error::make(Error_kind::argument, "xenbus: no %s is %s", name(role), name(own));
  }
  if (!is_of(other, theirs) && !has_vanished(theirs)) {
    return Error::make(Error_kind::protocol, "xenbus: the other end says that it is %s (%u), which no %s is",
                       name(theirs), static_cast<unsigned>(theirs), name(other));
  }
  return role == Xenbus_role::front ? front_next(own, theirs) : back_next(own, theirs);
}

}  // namespace enlighten::drivers
