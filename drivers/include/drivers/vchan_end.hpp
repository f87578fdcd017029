// SPDX-License-Identifier: MIT
// One end of a vchan, over memory that is there: bytes both ways, who is to be told of them, and who has gone.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <abi/vchan.hpp>
#include <base/result.hpp>
#include <guest/byte_ring.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::drivers {

enum class Vchan_role : std::uint8_t { server, client };

// One user at a time. The other end is not trusted: whatever it writes, no access leaves the rings, and what cannot
// be is an error that says so. It can make garbage of the bytes that it sends, and of those it has yet to read.
//
// Nothing here waits or sends events. After each call that may have moved something, take_notice() says whether the
// other end is to be sent one; what could not be done is to be tried again after the next event from there.
template <guest::Bytes_policy Words = guest::Shared_words>
class Vchan_end {
 public:
  // The rings are as large as their orders say; neither they nor the page are looked at yet.
  Vchan_end(Vchan_role role, abi::Vchan_interface& page, std::span<std::uint8_t> left,
            std::span<std::uint8_t> right, Words words = {}) noexcept
      : is_server_{role == Vchan_role::server},
        page_{&page},
        in_{is_server_ ? left : right},
        out_{is_server_ ? right : left},
        words_{words} {}

  // Says that this end is there; of the client the server is then to be told. A client that comes after another one
  // goes on where that has left off, so it takes its indices as they stand.
  void announce() noexcept {
    if (!is_server_) {
      consumed_ = words_.load(in().cons, std::memory_order_relaxed);
      produced_ = words_.load(out().prod, std::memory_order_relaxed);
    }
    ask(abi::vchan_notify::write);
    if (is_server_) {
      words_.store(page_->cli_live, static_cast<std::uint8_t>(abi::Vchan_live::expected),
                   std::memory_order_relaxed);
    }
    say(abi::Vchan_live::connected);
  }

  // The other end is to be told, whether it has asked to be or not.
  void close() noexcept { say(abi::Vchan_live::gone); }

  // How the other end stands. `expected` is a client's alone.
  [[nodiscard]] Result<abi::Vchan_live> peer() const noexcept {
    // Acquire. Ordered is this read before those of indices that follow. At the other end what it has sent is
    // stored before it says that it goes. Weaker, and its last bytes could be missed.
    const std::uint8_t live =
        words_.load(is_server_ ? page_->cli_live : page_->srv_live, std::memory_order_acquire);
    if (live > static_cast<std::uint8_t>(is_server_ ? abi::Vchan_live::expected : abi::Vchan_live::connected)) {
      return Error::make(Error_kind::protocol, "vchan: the %s says %u of itself, which means nothing", peers_name(),
                         unsigned{live});
    }
    return static_cast<abi::Vchan_live>(live);
  }

  // As many bytes as have come and fit; 0 if there are none yet. What was sent before the other end went can be
  // read; then it is an error of kind `closed`.
  [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into) noexcept {
    const abi::Vchan_live live = ENLIGHTEN_TRY(peer());
    const std::size_t come = ENLIGHTEN_TRY(come_of(into.empty() ? 0 : 1));
    if (come == 0 && live == abi::Vchan_live::gone) {
      return gone();
    }
    take(into.first(std::min(come, into.size())));
    return std::min(come, into.size());
  }

  // All of `into` or nothing. An error if it can never be: for it is more than the ring, or for the other end has
  // gone before.
  [[nodiscard]] Result<bool> receive(std::span<std::byte> into) noexcept {
    ENLIGHTEN_TRY(check_packet(into.size(), in_.size()));
    const abi::Vchan_live live = ENLIGHTEN_TRY(peer());
    if (ENLIGHTEN_TRY(come_of(into.size())) < into.size()) {
      return live == abi::Vchan_live::gone ? Result<bool>{gone()} : Result<bool>{false};
    }
    take(into);
    return true;
  }

  // As many bytes as there is room for, from the first on. An error of kind `closed` once the other end has gone.
  [[nodiscard]] Result<std::size_t> write(std::span<const std::byte> from) noexcept {
    ENLIGHTEN_TRY(check_there());
    const std::size_t count = std::min(ENLIGHTEN_TRY(room_for(from.size())), from.size());
    put(from.first(count));
    return count;
  }

  // All of `from` or nothing.
  [[nodiscard]] Result<bool> send(std::span<const std::byte> from) noexcept {
    ENLIGHTEN_TRY(check_packet(from.size(), out_.size()));
    ENLIGHTEN_TRY(check_there());
    if (ENLIGHTEN_TRY(room_for(from.size())) < from.size()) {
      return false;
    }
    put(from);
    return true;
  }

  // Whether the other end is to be sent an event, once. That it then sees what was stored before is Xen's part:
  // EVTCHNOP_send sets the event by an atomic operation with a full barrier.
  [[nodiscard]] bool take_notice() noexcept { return std::exchange(has_notice_, false); }

  [[nodiscard]] std::size_t most_to_send() const noexcept { return out_.size(); }
  [[nodiscard]] std::size_t most_to_receive() const noexcept { return in_.size(); }

 private:
  [[nodiscard]] abi::Vchan_indices& in() const noexcept { return is_server_ ? page_->left : page_->right; }
  [[nodiscard]] abi::Vchan_indices& out() const noexcept { return is_server_ ? page_->right : page_->left; }
  [[nodiscard]] const char* peers_name() const noexcept { return is_server_ ? "client" : "server"; }

  void say(abi::Vchan_live live) noexcept {
    // Release. Ordered is all that was done to the rings before this byte. The other end reads it, has a barrier,
    // and looks at the rings. Weaker, and it could take the last bytes for missing.
    words_.store(is_server_ ? page_->srv_live : page_->cli_live, static_cast<std::uint8_t>(live),
                 std::memory_order_release);
    has_notice_ = true;
  }

  // The bytes that say of what either end wants to be told are changed by loads and stores, not by an atomic
  // operation, for that the other end could keep from ever succeeding, on processors where it is a load and a store
  // that are tried again. What may get lost in between does no harm. Of ours, a bit that the other end takes away
  // meanwhile may come back: it sends one event more. Of theirs, one that it sets meanwhile may be taken away: it
  // was set before the event that we send next, after which the other end looks again, and asks again.

  void ask(std::uint8_t bit) noexcept {
    std::uint8_t& asked = is_server_ ? page_->cli_notify : page_->srv_notify;
    // Sequentially consistent, with the load of the index that follows: see look().
    const std::uint8_t bits = words_.load(asked, std::memory_order_relaxed);
    words_.store(asked, static_cast<std::uint8_t>(bits | bit), std::memory_order_seq_cst);
  }

  void tell(std::uint8_t bit) noexcept {
    std::uint8_t& asked = is_server_ ? page_->srv_notify : page_->cli_notify;
    // Sequentially consistent, with the store of the index before: see look().
    if (const std::uint8_t bits = words_.load(asked, std::memory_order_seq_cst); (bits & bit) != 0) {
      // Relaxed: the event that follows is behind it, by Xen's barrier.
      words_.store(asked, static_cast<std::uint8_t>(bits & ~bit), std::memory_order_relaxed);
      has_notice_ = true;
    }
  }

  // The index of theirs, once more after they were asked to tell when it moves, if it says too little.
  template <typename Measure>
  [[nodiscard]] Result<std::size_t> look(std::uint32_t& index, std::uint8_t bit, std::size_t wanted,
                                         Measure measure) noexcept {
    const std::size_t first = ENLIGHTEN_TRY(measure(guest::byte_ring::theirs(words_, index)));
    if (first >= wanted) {
      return first;
    }
    // Of four accesses, ask's store and the load here, at the other end the store of the index and the load in its
    // tell(), each pair is in one order that all agree on. So either the index moved before this load, and is seen,
    // or the bit was set before theirs, and they send an event. Weaker, and both could miss the other: we would
    // sleep for ever. libxenvchan has a full barrier in either place.
    ask(bit);
    return measure(guest::byte_ring::theirs(words_, index, std::memory_order_seq_cst));
  }

  [[nodiscard]] Result<std::size_t> come_of(std::size_t wanted) noexcept {
    return look(in().prod, abi::vchan_notify::write, wanted, [this](std::uint32_t prod) -> Result<std::size_t> {
      const std::uint32_t come = prod - consumed_;
      return come <= in_.size() ? Result<std::size_t>{come}
                                : bad_index("prod", prod, "cons", consumed_, in_.size());
    });
  }

  [[nodiscard]] Result<std::size_t> room_for(std::size_t wanted) noexcept {
    return look(out().cons, abi::vchan_notify::read, wanted, [this](std::uint32_t cons) -> Result<std::size_t> {
      const std::uint32_t waiting = produced_ - cons;
      return waiting <= out_.size() ? Result<std::size_t>{out_.size() - waiting}
                                    : bad_index("cons", cons, "prod", produced_, out_.size());
    });
  }

  void take(std::span<std::byte> into) noexcept {
    if (!into.empty()) {
      guest::byte_ring::read(words_, in_, into, consumed_, in().cons);
      tell(abi::vchan_notify::read);
    }
  }

  void put(std::span<const std::byte> from) noexcept {
    if (!from.empty()) {
      guest::byte_ring::write(words_, out_, from, produced_, out().prod);
      tell(abi::vchan_notify::write);
    }
  }

  [[nodiscard]] Result<> check_there() const noexcept {
    return ENLIGHTEN_TRY(peer()) == abi::Vchan_live::gone ? Result<>{gone()} : Result<>{};
  }

  [[nodiscard]] static Result<> check_packet(std::size_t bytes, std::size_t ring) noexcept {
    if (bytes > ring) {
      return Error::make(Error_kind::argument, "vchan: a packet of %zu bytes in a ring of %zu", bytes, ring);
    }
    return {};
  }

  [[nodiscard]] Error gone() const noexcept {
    return Error::make(Error_kind::closed, "vchan: the %s has gone", peers_name());
  }

  [[nodiscard]] Error bad_index(const char* which, std::uint32_t theirs, const char* other, std::uint32_t ours,
                                std::size_t size) const noexcept {
    return Error::make(Error_kind::protocol, "vchan: the %s's index %s is %#x: not within %zu bytes of %s, %#x",
                       peers_name(), which, static_cast<unsigned>(theirs), size, other,
                       static_cast<unsigned>(ours));
  }

  bool is_server_;
  bool has_notice_ = false;
  abi::Vchan_interface* page_;
  std::span<std::uint8_t> in_;
  std::span<std::uint8_t> out_;
  [[no_unique_address]] Words words_;
  // Ours alone: what stands in the page may be anybody's.
  std::uint32_t produced_ = 0;
  std::uint32_t consumed_ = 0;
};

}  // namespace enlighten::drivers
