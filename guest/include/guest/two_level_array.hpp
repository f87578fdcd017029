// SPDX-License-Identifier: MIT
// The pending and mask bits of the 2-level event ABI, one of each a port, shared by all vCPUs ([xen] xen.h).
#pragma once

#include <atomic>
#include <cstdint>

#include <abi/shared_info.hpp>
#include <base/ids.hpp>
#include <guest/event_queue.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest {

// Everything may be called on any vCPU at any time. A port beyond the 4,096 there are has no bits and is masked.
template <Word_policy Words = Shared_words>
class Two_level_array {
 public:
  explicit Two_level_array(abi::Shared_info& info, Words words = {}) noexcept : info_{&info}, words_{words} {}

  // Before the first port is bound: Xen's ports are born live.
  void mask_all() const noexcept {
    for (std::uint64_t& word : info_->evtchn_mask) {
      words_.store(word, ~std::uint64_t{0}, std::memory_order_relaxed);
    }
  }

  [[nodiscard]] static constexpr std::uint32_t ports() noexcept { return abi::two_level_ports; }
  [[nodiscard]] static constexpr bool has(Port port) noexcept { return port.value() < ports(); }

  // On the vCPU that takes the port's events: none is delivered from here on. On another, one that is just being
  // taken may still be, for it has looked at the mask already.
  //
  // Ordered is this store before later loads, of where other vCPUs are in their deliveries; at the other end is
  // deliverable(). For the argument see Delivery_place::wait_past().
  void mask(Port port) const noexcept {
    if (has(port)) {
      words_.fetch_or(mask_word(port), bit(port), std::memory_order_seq_cst);
    }
  }

  // EVTCHNOP_unmask raises an event only if it finds the port masked; so the mask is put back for it.
  //
  // Ordered is clearing the mask before looking for an event, a store before a load of another word; and everything
  // done while the port was masked before the mask is gone. At the other end Xen sets the pending bit and then
  // reads the mask, and a vCPU that scans acquires the mask. Weaker, and we could look before Xen sets the bit
  // while Xen still finds the mask: nobody raises the event. (Both seq_cst is LDAXR/STLXR and LDAR on Armv8, which
  // keep their order.)
  [[nodiscard]] Unmask unmask(Port port) const noexcept {
    if (!has(port)) {
      return Unmask::no_word;
    }
    words_.fetch_and(mask_word(port), ~bit(port), std::memory_order_seq_cst);
    if ((words_.load(pending_word(port), std::memory_order_seq_cst) & bit(port)) == 0) {
      return Unmask::done;
    }
    words_.fetch_or(mask_word(port), bit(port), std::memory_order_relaxed);
    return Unmask::needs_hypercall;
  }

  [[nodiscard]] bool is_pending(Port port) const noexcept {
    return has(port) && (words_.load(pending_word(port), std::memory_order_acquire) & bit(port)) != 0;
  }
  [[nodiscard]] bool is_masked(Port port) const noexcept {
    return !has(port) || (words_.load(mask_word(port), std::memory_order_acquire) & bit(port)) != 0;
  }

  // True if there was an event, which is the caller's from now on, and nobody else's: only one vCPU can clear a
  // bit.
  //
  // Ordered is this step before every later read of what the sender left. At the other end Xen sets the bit, after
  // the sender wrote, by a read-modify-write too: one comes first. Weaker, and we could read old data and then
  // clear the bit that announced the new. It releases nothing: what a handler wrote is published by the handler.
  [[nodiscard]] bool take(Port port) const noexcept {
    return (words_.fetch_and(pending_word(port), ~bit(port), std::memory_order_acquire) & bit(port)) != 0;
  }

  // For a port that is polled, not delivered.
  void clear_pending(Port port) const noexcept {
    if (has(port)) {
      static_cast<void>(take(port));
    }
  }

  // The ports of one word that have an event and are not masked. Of the two loads, the mask's acquires, for
  // unmask(), and is sequentially consistent, for mask().
  [[nodiscard]] std::uint64_t deliverable(std::uint32_t word) const noexcept {
    return words_.load(info_->evtchn_pending[word], std::memory_order_relaxed) &
           ~words_.load(info_->evtchn_mask[word], std::memory_order_seq_cst);
  }

 private:
  static constexpr std::uint64_t bit(Port port) noexcept {
    return std::uint64_t{1} << port.value() % abi::two_level_bits_per_word;
  }
  std::uint64_t& pending_word(Port port) const noexcept {
    return info_->evtchn_pending[port.value() / abi::two_level_bits_per_word];
  }
  std::uint64_t& mask_word(Port port) const noexcept {
    return info_->evtchn_mask[port.value() / abi::two_level_bits_per_word];
  }

  abi::Shared_info* info_;
  [[no_unique_address]] Words words_;
};

}  // namespace enlighten::guest
