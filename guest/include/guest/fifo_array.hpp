// SPDX-License-Identifier: MIT
// The event words of the FIFO ABI, one a port, shared by all vCPUs: finding, masking, unmasking, taking one off its
// queue.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include <abi/event_fifo.hpp>
#include <base/ids.hpp>
#include <guest/event_queue.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::guest {

// Pages and directory are the caller's. Whoever grows the array holds off others who would; everything else may be
// called on any vCPU at any time. Masking, looking and clearing do nothing to a port that has no word yet, for Xen
// holds such a port's events back until it has one ([xen] event_fifo.c).
template <Word_policy Words = Shared_words>
class Fifo_array {
 public:
  using Page = std::span<abi::Event_word, abi::fifo_words_per_page>;

  explicit Fifo_array(std::span<abi::Event_word*> directory, Words words = {}) noexcept
      : directory_{directory}, words_{words} {}

  // Takes `page` as the words of the next ports, before EVTCHNOP_expand_array gives it to Xen; false if the
  // directory is full. All its ports become masked: Xen uses a page as it finds it, and a word of zero is a live
  // port.
  [[nodiscard]] bool append(Page page) noexcept {
    const std::uint32_t count = words_.load(pages_, std::memory_order_relaxed);
    if (count >= directory_.size() || count >= abi::fifo_max_pages) {
      return false;
    }
    for (abi::Event_word& word : page) {
      word = abi::event_word::masked;
    }
    directory_[count] = page.data();
    // Ordered are the directory's entry and the page's words before the count that admits them. At the other end is
    // find() on any vCPU, which acquires the count. Weaker, and a vCPU sent an event of a new port could follow an
    // entry not yet written.
    words_.store(pages_, count + 1, std::memory_order_release);
    return true;
  }

  // Takes back the page appended last, which Xen has refused. No port of it can be in use.
  void retract() noexcept {
    words_.store(pages_, words_.load(pages_, std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }

  // Ports from 0 to here have a word.
  [[nodiscard]] std::uint32_t ports() const noexcept {
    return words_.load(pages_, std::memory_order_acquire) * abi::fifo_words_per_page;
  }

  // The port's word, or null if it has none.
  [[nodiscard]] abi::Event_word* find(Port port) const noexcept {
    if (port.value() >= ports()) {
      return nullptr;
    }
    return directory_[port.value() / abi::fifo_words_per_page] + port.value() % abi::fifo_words_per_page;
  }

  // What it shuts out is a later take() of the same word, and one word's changes have one order for everybody. A
  // handler that took the event before, on another vCPU, runs on.
  //
  // Ordered is this step before later reads, of where other vCPUs are in their deliveries. At the other end is
  // take(), which releases where its vCPU is. Weaker, and one that took the event just before could seem to be
  // elsewhere (Delivery_place::wait_past()).
  void mask(Port port) const noexcept {
    if (abi::Event_word* const word = find(port)) {
      words_.fetch_or(*word, abi::event_word::masked, std::memory_order_acquire);
    }
  }

  // May be called on any vCPU. An event that came while the port was masked is in no queue: the mask is left as it
  // is, and EVTCHNOP_unmask clears it and queues the event.
  //
  // Not while BUSY is set: Xen is then linking another port to this one by compare and swap, and has promised
  // itself that the guest can make it fail a few times only ([xen] event_fifo.c); were we to unmask, and mask, and
  // unmask, it would give up and lose the other port's event. Nor do we wait for it without an end: the hypercall
  // takes over.
  [[nodiscard]] Unmask unmask(Port port) const noexcept {
    abi::Event_word* const word = find(port);
    if (word == nullptr) {
      return Unmask::no_word;
    }
    abi::Event_word seen = words_.load(*word, std::memory_order_relaxed);
    for (std::uint32_t attempt = 0; attempt != attempts; ++attempt) {
      if ((seen & abi::event_word::masked) == 0) {
        return Unmask::done;
      }
      if ((seen & abi::event_word::pending) != 0) {
        return Unmask::needs_hypercall;
      }
      seen &= ~abi::event_word::busy;
      // Ordered is everything done while the port was masked before the mask is gone. At the other end is take(),
      // which acquires the word on the vCPU the next event wakes. Weaker, and its handler could miss what was
      // prepared for it. (Pending and masked are one word: no event can slip between looking and unmasking.)
      if (words_.compare_exchange(*word, seen, seen & ~abi::event_word::masked, std::memory_order_release)) {
        return Unmask::done;
      }
    }
    return Unmask::needs_hypercall;
  }

  [[nodiscard]] bool is_pending(Port port) const noexcept { return has(port, abi::event_word::pending); }
  [[nodiscard]] bool is_masked(Port port) const noexcept {
    return find(port) == nullptr || has(port, abi::event_word::masked);
  }
  // A closed port can stay linked; Xen does not hand it out again until its vCPU has taken it off the queue.
  [[nodiscard]] bool is_linked(Port port) const noexcept { return has(port, abi::event_word::linked); }

  // For a port that is polled, not delivered. Ordered is this change before every later read of what the sender
  // left. At the other end Xen sets the bit, after the sender wrote, by a read-modify-write too: one comes first.
  // Weaker, and we could read old data and then clear the bit that announced the new.
  void clear_pending(Port port) const noexcept {
    if (abi::Event_word* const word = find(port)) {
      words_.fetch_and(*word, ~abi::event_word::pending, std::memory_order_acquire);
    }
  }

  // Takes the word off its queue, and its event with it if it has one to deliver: clears LINKED and LINK, and
  // PENDING too unless it is masked, in one step, as if unlinking had come first. The word as it was: LINK says
  // what is next. Nothing, if it never stopped changing: Xen changes a word a few times, so somebody else writes
  // here.
  //
  // Ordered is this step before every later read: of the next port's word, and of what the event announces. At the
  // other end Xen links (the next port's LINKED bit first, then the link here) and sets PENDING (after the sender
  // wrote), both by read-modify-write of this word. Weaker, and we could find the next port not linked yet and drop
  // it, or handle an event without its data and have the next one merged into it. What it releases is for mask(),
  // for which see there.
  [[nodiscard]] std::optional<abi::Event_word> take(abi::Event_word& word) const noexcept {
    using namespace abi::event_word;
    abi::Event_word seen = words_.load(word, std::memory_order_relaxed);
    for (std::uint32_t attempt = 0; attempt != attempts; ++attempt) {
      if ((seen & linked) == 0) {
        return seen;
      }
      const abi::Event_word gone = linked | link | (is_deliverable(seen) ? pending : 0);
      if (words_.compare_exchange(word, seen, seen & ~gone, std::memory_order_acq_rel)) {
        return seen;
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] static constexpr bool is_deliverable(abi::Event_word word) noexcept {
    return (word & (abi::event_word::pending | abi::event_word::masked)) == abi::event_word::pending;
  }

 private:
  // A compare and swap fails because Xen changed the word, a handful of times, or for no reason, rarely.
  static constexpr std::uint32_t attempts = 4096;

  [[nodiscard]] bool has(Port port, abi::Event_word bit) const noexcept {
    abi::Event_word* const word = find(port);
    return word != nullptr && (words_.load(*word, std::memory_order_acquire) & bit) != 0;
  }

  std::span<abi::Event_word*> directory_;
  mutable std::uint32_t pages_ = 0;
  [[no_unique_address]] Words words_;
};

}  // namespace enlighten::guest
