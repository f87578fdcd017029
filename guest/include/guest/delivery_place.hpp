// SPDX-License-Identifier: MIT
// Where a vCPU is in delivering events, for whoever has to know that it has left a port behind.
#pragma once

#include <atomic>
#include <cstdint>

#include <arch/processor.hpp>
#include <base/ids.hpp>

namespace enlighten::guest {

//   outside --> looking --> at a port, in its handler --> looking --> ... --> outside
//
// Between taking an event off its queue and finding its handler, a vCPU holds an event that nobody else can see.
// Were a port closed and bound anew just then, the old port's event would reach the new one's handler. So looking
// is a place too, and lasts for a few loads: no handler runs there, and nobody waits.
class Delivery_place {
 public:
  // On the vCPU itself. Before it takes an event off a queue, the first and every other.
  void look() noexcept {
    turn_ = (turn_ + 1) & ~looking;
    // Seq_cst: for wait_past().
    place_.store(looking | turn_, std::memory_order_seq_cst);
  }
  // Before it finds the port's handler.
  void be_at(Port port) noexcept { place_.store(port.value(), std::memory_order_release); }
  void leave() noexcept { place_.store(outside, std::memory_order_release); }

  // Whether the vCPU, from which this is asked, is in the handler of `port`.
  [[nodiscard]] bool is_at(Port port) const noexcept {
    return place_.load(std::memory_order_relaxed) == port.value();
  }

  // On another vCPU, after it has masked the port: returns when this one neither is in the port's handler nor will
  // be.
  //
  // Ordered are the mask before this look at the place; at the other end are the place before the mask's reading,
  // when an event is taken. With FIFO both sides change one word, so one comes first, and the taker's release
  // (Fifo_array::take()) brings its place along to the masker's acquire (Fifo_array::mask()); with 2-level the mask
  // is another word than the place, and all four accesses are sequentially consistent. Weaker, and the taker could
  // find the port unmasked while we do not find it looking: its handler would run on what is gone. The loads
  // acquire what the handler wrote.
  void wait_past(Port port) const noexcept {
    std::uint32_t place = place_.load(std::memory_order_seq_cst);
    // Not until it looks no more, which on a busy vCPU could be long: what it takes in its next turn is not masked.
    if (const std::uint32_t first = place; (first & looking) != 0) {
      while (place == first) {
        arch::relax();
        place = place_.load(std::memory_order_acquire);
      }
    }
    while (place == port.value()) {
      arch::relax();
      place = place_.load(std::memory_order_acquire);
    }
  }

 private:
  static constexpr std::uint32_t outside = 0;
  static constexpr std::uint32_t looking = std::uint32_t{1} << 31;

  std::atomic<std::uint32_t> place_{outside};  // or a port's number, or looking and the turn's number
  std::uint32_t turn_ = 0;
};

}  // namespace enlighten::guest
