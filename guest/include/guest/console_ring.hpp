// SPDX-License-Identifier: MIT
// A domain's end of the console ring: text on its way out ([xen] io/console.h).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string_view>

#include <abi/console_ring.hpp>
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
    // Acquire. Ordered is this read before the stores of new characters in put(). At the other end the backend
    // reads characters, has a barrier, and gives their room back by this index. Weaker, and a new character could
    // land where the backend still reads the old one.
    const std::uint32_t waiting = produced_ - words_.load(ring_->out_cons, std::memory_order_acquire);
    return waiting <= size ? size - waiting : 0;
  }

  // At most room() characters, all of which the backend sees at once. Then it is to be told.
  void put(std::string_view text) noexcept {
    for (const char character : text) {
      words_.store(ring_->out[produced_++ % size], static_cast<std::uint8_t>(character), std::memory_order_relaxed);
    }
    // Release. Ordered are the characters above before the index. At the other end the backend reads the index, has
    // a barrier, and reads the characters up to it. Weaker, and it could print what was in their place before.
    //
    // That the index is seen by a backend which the caller then wakes is Xen's part: EVTCHNOP_send sets the event
    // by an atomic operation with a full barrier.
    words_.store(ring_->out_prod, produced_, std::memory_order_release);
  }

 private:
  abi::Console_ring* ring_;
  [[no_unique_address]] Words words_;
  // Ours alone: what stands in the ring may be anybody's.
  std::uint32_t produced_;
};

}  // namespace enlighten::guest
