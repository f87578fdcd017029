// SPDX-License-Identifier: MIT
// One vCPU's end of the FIFO event ABI: takes what Xen queued for it, highest priority first ([xen]
// event_channel.h).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>

#include <abi/event_fifo.hpp>
#include <abi/vcpu_info.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/event_queue.hpp>
#include <guest/fifo_array.hpp>
#include <guest/shared_words.hpp>
#include <guest/upcall.hpp>

namespace enlighten::guest {

//   control block                       event array (one word a port)
//   ready  0000 0000 1000 0000   ---.
//   head[7]  12  -------------------+-> word[12] PENDING LINKED LINK=30 --> word[30] PENDING LINKED LINK=0
//                                       (queue 7's first)                    (its last: Xen's tail)
//
// Xen appends at the tail as long as the tail is linked; otherwise it writes `head`, sets the bit in `ready`, and
// raises the upcall. We follow links from the head, unlinking each word, and need `head` again only when we have
// come to the end.
//
// Used by its own vCPU alone. What Xen wrote is not trusted: a wrong word is an error that names queue and port,
// and neither a loop nor an access beyond the array.
template <Word_policy Words = Shared_words>
class Fifo_consumer {
 public:
  using Array = Fifo_array<Words>;

  Fifo_consumer(abi::Vcpu_info& info, abi::Evtchn_fifo_control_block& block, Words words = {}) noexcept
      : block_{&block}, upcall_{info, words}, words_{words} {}

  [[nodiscard]] const Upcall<Words>& upcall() const noexcept { return upcall_; }

  // Takes up to `limit` words off the queues and calls deliver(Port) for each that is pending and not masked; its
  // event is gone from the word by then. deliver may mask, unmask, close and send. After an error, as after `more`,
  // drain again: the broken queue is dropped, the others are whole.
  template <typename Deliver>
  [[nodiscard]] Result<Drained> drain(const Array& array, Deliver&& deliver,
                                      std::uint32_t limit = abi::fifo_ports) noexcept {
    upcall_.acknowledge();
    Drained drained;
    for (std::uint32_t taken = 0; taken != limit; ++taken) {
      look_for_ready_queues();  // after each event: a higher priority overtakes
      if (ready_ == 0) {
        return drained;
      }
      if (const std::optional<Port> port = ENLIGHTEN_TRY(take_next(array))) {
        ++drained.delivered;
        deliver(*port);
      }
    }
    drained.more = true;
    return drained;
  }

  // Bit q: queue q was dropped for an error. Xen may still believe it has a tail there, and then would never tell
  // us of what it appends: recover() before relying on the queue again.
  [[nodiscard]] std::uint32_t broken_queues() const noexcept { return broken_; }

  // Unlinks, and delivers, every port of the broken queues, found by its word instead of by a link, so that Xen's
  // next event starts the queue anew. `is_in(Port, queue)` says whether a port of this domain belongs to that queue
  // of this vCPU; a port of another vCPU taken here would break that one's queue.
  template <typename Is_in, typename Deliver>
  void recover(const Array& array, Is_in&& is_in, Deliver&& deliver) noexcept {
    const std::uint32_t ports = array.ports();
    for (std::uint32_t left = broken_; left != 0; left &= left - 1) {
      const auto queue = static_cast<std::uint32_t>(std::countr_zero(left));
      for (std::uint32_t first = 1; first < ports; ++first) {
        // What Xen appended behind a port after the scan had passed its place is reached by the link.
        std::uint32_t port = first;
        for (std::uint32_t steps = 0; port != 0 && port < ports && steps != ports; ++steps) {
          if (!array.is_linked(Port{port}) || !is_in(Port{port}, queue)) {
            break;
          }
          const std::optional<abi::Event_word> old = array.take(*array.find(Port{port}));
          if (!old) {
            break;
          }
          if (Array::is_deliverable(*old)) {
            deliver(Port{port});
          }
          port = *old & abi::event_word::link;
        }
      }
      heads_[queue] = 0;
    }
    broken_ = 0;
  }

  // After EVTCHNOP_reset, or before the vCPU gets a control block again: nothing is queued.
  void forget() noexcept {
    heads_ = {};
    ready_ = 0;
    broken_ = 0;
  }

 private:
  static constexpr std::uint32_t all_queues = (std::uint32_t{1} << abi::fifo_queues) - 1;

  void look_for_ready_queues() noexcept {
    // Seq_cst for the sake of Upcall::acknowledge(), which argues it. Most often it is zero: no need to write.
    if (words_.load(block_->ready, std::memory_order_seq_cst) != 0) {
      // Ordered is this read before those of `head` and of the words. At the other end Xen writes them before it
      // sets the bit. Weaker, and we could read a head of before, and take a queue for empty whose bit we have just
      // cleared.
      ready_ |= words_.exchange(block_->ready, 0, std::memory_order_acquire) & all_queues;
    }
  }

  [[nodiscard]] Result<std::optional<Port>> take_next(const Array& array) noexcept {
    const auto queue = static_cast<std::uint32_t>(std::countr_zero(ready_));
    const bool by_link = heads_[queue] != 0;
    const std::uint32_t port =
        by_link ? heads_[queue] : words_.load(block_->head[queue], std::memory_order_relaxed);
    // The end of the queue, unless the word says otherwise.
    heads_[queue] = 0;
    ready_ &= ~(std::uint32_t{1} << queue);

    if (port == 0) {
      return broken(queue, port, "is ready and has no head");
    }
    abi::Event_word* const word = array.find(Port{port});
    if (word == nullptr) {
      return broken(queue, port, "leads beyond the event array");
    }
    const std::optional<abi::Event_word> old = array.take(*word);
    if (!old) {
      return broken(queue, port, "has a word that never stops changing");
    }
    if ((*old & abi::event_word::linked) == 0) {
      // A head may be one we have taken already, by recover(). A link may not: Xen links only what it has marked.
      if (by_link) {
        return broken(queue, port, "leads to a port that is not linked");
      }
      return std::optional<Port>{};
    }
    heads_[queue] = *old & abi::event_word::link;
    if (heads_[queue] != 0) {
      ready_ |= std::uint32_t{1} << queue;
    }
    return Array::is_deliverable(*old) ? std::optional{Port{port}} : std::nullopt;
  }

  [[gnu::cold, gnu::noinline]] Error broken(std::uint32_t queue, std::uint32_t port, const char* what) noexcept {
    broken_ |= std::uint32_t{1} << queue;
    return Error::make(Error_kind::protocol, "event queue %u at port %u %s", static_cast<unsigned>(queue),
                       static_cast<unsigned>(port), what);
  }

  abi::Evtchn_fifo_control_block* block_;
  Upcall<Words> upcall_;
  // The port to take next of each queue, 0 to ask the control block; a bit a queue that may have one.
  std::array<std::uint32_t, abi::fifo_queues> heads_{};
  std::uint32_t ready_ = 0;
  std::uint32_t broken_ = 0;
  [[no_unique_address]] Words words_;
};

}  // namespace enlighten::guest
