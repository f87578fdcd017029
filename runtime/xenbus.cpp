// SPDX-License-Identifier: MIT
// Reads the other end's state after each change, does what is to be done, and writes its own.
#include <runtime/xenbus.hpp>

#include <utility>

#include <abi/errno.hpp>
#include <runtime/pulse.hpp>

namespace enlighten::runtime {
namespace {

using drivers::Xenbus_move;
using drivers::Xenbus_step;

[[nodiscard]] bool is_missing(const Error& error) noexcept {
  return error.kind() == Error_kind::xenstore && error.number() == static_cast<std::int64_t>(abi::Errno::enoent);
}

}  // namespace

void Xenbus_end::close() noexcept {
  wants_to_close_ = true;
  if (watch_ != nullptr) {
    watch_->poke();
  }
}

void Xenbus_end::fail(const Error& error) noexcept {
  // The first is the reason for all others.
  if (!failure_) {
    failure_ = error;
  }
  wants_to_close_ = true;
}

void Xenbus_end::beat(void* self) noexcept {
  const auto& end = *static_cast<Xenbus_end*>(self);
  if (end.own_ != Xenbus_state::connected) {
    end.watch_->poke();
  }
}

Task<Result<std::optional<Xenbus_state>>> Xenbus_end::read_peer(Store& store) {
  const Result<std::string> text = co_await store.read(peer_path_ / "state");
  if (!text) {
    if (is_missing(text.error())) {
      co_return std::optional<Xenbus_state>{};
    }
    co_return text.error();
  }
  const Result<Xenbus_state> state = drivers::xenbus_state_of(*text);
  if (!state) {
    co_return state.error();
  }
  co_return std::optional{*state};
}

// In one with the look whether the node is there: a toolstack that has taken it away has taken the device away.
Task<Result<>> Xenbus_end::write_own(Store& store, Xenbus_state state) {
  const Xenstore_path node = own_path_ / "state";
  co_return co_await store.transact([&](Transaction& transaction) -> Task<Result<>> {
    if (const Result<std::string> there = co_await transaction.read(node); !there) {
      co_return there.error();
    }
    co_return co_await transaction.write_number(node, static_cast<std::uint64_t>(state));
  });
}

Xenbus_move Xenbus_end::decide(const Result<std::optional<Xenbus_state>>& peer) noexcept {
  const Result<Xenbus_move> move =
      !peer ? Result<Xenbus_move>{peer.error()}
            : drivers::xenbus_next(role_, own_, has_given_up_ ? std::optional<Xenbus_state>{} : *peer);
  if (!move) {
    fail(move.error());
    // Whoever does that is not waited for.
    has_given_up_ = true;
  }
  if (wants_to_close_ && own_ != Xenbus_state::closing) {
    return {Xenbus_step::close, Xenbus_state::closing};
  }
  if (!move) {
    return {Xenbus_step::release, Xenbus_state::closed};
  }
  return *move;
}

Task<Result<>> Xenbus_end::take(Xenbus_step step) {
  switch (step) {
    case Xenbus_step::publish:
      co_return co_await device_.publish();
    case Xenbus_step::connect:
      co_return co_await device_.connect();
    case Xenbus_step::reconfigure:
      co_return co_await device_.reconfigure();
    case Xenbus_step::close:
      has_closed_ = true;
      co_return co_await device_.close();
    case Xenbus_step::release:
      has_released_ = true;
      co_return co_await device_.release();
    case Xenbus_step::wait:
      break;
  }
  co_return Result<>{};
}

// Without a word to xenstore, where no state can be written or read any more: what the device has not heard of its
// end, it hears.
Task<Result<>> Xenbus_end::abandon(Error reason) {
  fail(reason);
  for (const auto& [step, is_done] :
       {std::pair{Xenbus_step::close, has_closed_}, {Xenbus_step::release, has_released_}}) {
    if (is_done) {
      continue;
    }
    if (const Result<> taken = co_await take(step); !taken) {
      fail(taken.error());
    }
  }
  co_return *failure_;
}

Task<Result<>> Xenbus_end::follow(Store& store, Duration longest) {
  Instant since = Clock::now();
  while (own_ != Xenbus_state::closed) {
    const Result<std::optional<Xenbus_state>> peer = co_await read_peer(store);
    const Xenbus_move move = decide(peer);
    if (move.step == Xenbus_step::wait) {
      if (own_ != Xenbus_state::connected && Clock::now() - since >= longest) {
        fail(Error::make(Error_kind::timed_out, "xenbus: the other end leaves this one waiting in state %s",
                         drivers::name(own_)));
        has_given_up_ = true;
        continue;
      }
      if (const Result<> changed = co_await watch_->change(); !changed) {
        co_return co_await abandon(changed.error());
      }
      continue;
    }
    const Result<> taken = co_await take(move.step);
    if (!taken) {
      fail(taken.error());
      if (move.step != Xenbus_step::close && move.step != Xenbus_step::release) {
        continue;
      }
    }
    if (const Result<> written = co_await write_own(store, move.next); !written) {
      co_return co_await abandon(written.error());
    }
    own_ = move.next;
    since = Clock::now();
  }
  co_return failure_ ? Result<>{*failure_} : Result<>{};
}

Task<Result<>> Xenbus_end::run(Duration longest) {
  const Result<Store*> store = Store::open(guest_);
  if (!store) {
    co_return store.error();
  }
  const Result<std::string> own = co_await (*store)->read(own_path_ / "state");
  const Result<Xenbus_state> state = own ? drivers::xenbus_state_of(*own) : Result<Xenbus_state>{own.error()};
  if (!state) {
    co_return state.error();
  }
  own_ = *state;
  Result<Watch> watch = co_await (*store)->watch(peer_path_ / "state");
  if (!watch) {
    co_return watch.error();
  }
  watch_ = &*watch;
  Pulse pulse;
  pulse.start(beat, this);
  const Result<> outcome = co_await follow(**store, longest);
  watch_ = nullptr;
  co_return outcome;
}

}  // namespace enlighten::runtime
