// SPDX-License-Identifier: MIT
// A domain's end of the console ring: text on its way out, and on its way in ([xen] io/console.h).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <abi/console_ring.hpp>
#include <base/result.hpp>
#include <guest/byte_ring.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest {

// It stands here and not among the drivers because it is what everything else is reported by: it needs no
// interrupt, no xenstore and no memory of its own, and a failing start or a panic has nothing else to say it with.
//
// One writer at a time. The backend is not trusted: whatever it writes, no access leaves the ring, and what cannot
// be is no room. It is not told in words, for they would have to go this way.
template <Word_policy Words = Shared_words>
class Console_output {
 public:
  static constexpr std::uint32_t size = sizeof(abi::Console_ring::out);

  // Goes on where an earlier program of this domain left off.
  explicit Console_output(abi::Console_ring& ring, Words words = {}) noexcept
      : ring_{&ring}, words_{words}, produced_{words.load(ring.out_prod, std::memory_order_relaxed)} {}

  // How many characters there is room for; only put() makes it less. None while the backend claims to have read
  // what was never written.
  [[nodiscard]] std::uint32_t room() const noexcept {
    const std::uint32_t waiting = produced_ - byte_ring::theirs(words_, ring_->out_cons);
    return waiting <= size ? size - waiting : 0;
  }

  [[nodiscard]] abi::Console_ring& ring() const noexcept { return *ring_; }

  // At most room() characters, all of which the backend sees at once. Then it is to be told.
  void put(std::string_view text) noexcept {
    byte_ring::write(words_, ring_->out, std::span{text}, produced_, ring_->out_prod);
    // That the index is seen by a backend which the caller then wakes is Xen's part: EVTCHNOP_send sets the event
    // by an atomic operation with a full barrier.
  }

 private:
  abi::Console_ring* ring_;
  [[no_unique_address]] Words words_;
  // Ours alone: what stands in the ring may be anybody's.
  std::uint32_t produced_;
};

// One reader at a time. The backend is not trusted here either, and what it claims is told in words.
template <Word_policy Words = Shared_words>
class Console_input {
 public:
  static constexpr std::uint32_t size = sizeof(abi::Console_ring::in);

  // Goes on where an earlier program of this domain left off.
  explicit Console_input(abi::Console_ring& ring, Words words = {}) noexcept
      : ring_{&ring}, words_{words}, consumed_{words.load(ring.in_cons, std::memory_order_relaxed)} {}

  // Copies what has come, up to so many characters, and gives their room back; then the backend is to be told. An
  // error once the index says more than the ring holds; then, and from there on, nothing is taken.
  [[nodiscard]] Result<std::uint32_t> take(std::span<char> to) noexcept {
    const std::uint32_t produced = byte_ring::theirs(words_, ring_->in_prod);
    const std::uint32_t waiting = produced - consumed_;
    if (waiting > size) {
      return Error::make(
          Error_kind::protocol, "console: the backend's index in_prod %u is not within %u of in_cons %u",
          static_cast<unsigned>(produced), static_cast<unsigned>(size), static_cast<unsigned>(consumed_));
    }
    const std::uint32_t count =
        std::min(waiting, static_cast<std::uint32_t>(std::min<std::size_t>(to.size(), size)));
    if (count != 0) {
      byte_ring::read(words_, ring_->in, to.first(count), consumed_, ring_->in_cons);
    }
    return count;
  }

 private:
  abi::Console_ring* ring_;
  [[no_unique_address]] Words words_;
  std::uint32_t consumed_;  // ours alone
};

}  // namespace enlighten::guest
