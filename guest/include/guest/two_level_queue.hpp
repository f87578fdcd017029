// SPDX-License-Identifier: MIT
// One vCPU's end of the 2-level event ABI: scans the words its selector names, in turn ([xen] xen.h).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>

#include <abi/shared_info.hpp>
#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/event_queue.hpp>
#include <guest/shared_words.hpp>
#include <guest/two_level_array.hpp>
#include <guest/upcall.hpp>

namespace enlighten::guest {

//   vcpu_info: evtchn_pending_sel  ...0100   bit w: look at word w
//   shared_info: evtchn_pending[2] ...0010   bit b: port 64w + b has an event   } of the whole domain:
//                evtchn_mask[2]    ...0000   bit b: and is not to be delivered   } whose it is, nothing says
//
// Used by its own vCPU alone, but for attend() and ignore(). There is nothing here Xen could write that would lead
// astray.
template <Word_policy Words = Shared_words>
class Two_level_consumer {
 public:
  using Array = Two_level_array<Words>;

  explicit Two_level_consumer(abi::Vcpu_info& info, Words words = {}) noexcept
      : info_{&info}, upcall_{info, words}, words_{words} {}

  [[nodiscard]] const Upcall<Words>& upcall() const noexcept { return upcall_; }

  // Whether the port's events are this vCPU's to take. A pending bit does not say which vCPU Xen has told of it,
  // and one that takes another's event runs its handler in the wrong place. To move a port: mask,
  // EVTCHNOP_bind_vcpu, ignore() here, attend() there, unmask; an event that came meanwhile is raised by the
  // unmasking, on the new vCPU.
  //
  // Ordered is what the caller prepared for the port before its bit here. At the other end is drain(), which
  // acquires it. Weaker, and an event could be delivered before what handles it is there.
  void attend(Port port) noexcept {
    if (Array::has(port)) {
      words_.fetch_or(attended_[word_of(port)], bit_of(port), std::memory_order_release);
    }
  }
  void ignore(Port port) noexcept {
    if (Array::has(port)) {
      words_.fetch_and(attended_[word_of(port)], ~bit_of(port), std::memory_order_release);
    }
  }

  // Calls deliver(Port) for up to `limit` events, which are gone from their words by then; deliver may mask,
  // unmask, close and send. The next port is the one after the last, here and in the next call: a busy port waits
  // its turn.
  template <typename Deliver>
  [[nodiscard]] Result<Drained> drain(const Array& array, Deliver&& deliver,
                                      std::uint32_t limit = abi::two_level_ports) noexcept {
    upcall_.acknowledge();
    Drained drained;
    for (std::uint32_t looked = 0; looked != limit; ++looked) {
      look_for_selected_words();
      const std::optional<Port> port = next(array);
      if (!port) {
        return drained;
      }
      next_ = (port->value() + 1) % abi::two_level_ports;
      if (array.take(*port)) {
        ++drained.delivered;
        deliver(*port);
      }
    }
    drained.more = true;
    return drained;
  }

  // After EVTCHNOP_reset: no port is bound, nothing is pending.
  void forget() noexcept {
    attended_ = {};
    selected_ = 0;
    next_ = 0;
  }

 private:
  static constexpr std::uint32_t word_of(Port port) noexcept { return port.value() / abi::two_level_bits_per_word; }
  static constexpr std::uint64_t bit_of(Port port) noexcept {
    return std::uint64_t{1} << port.value() % abi::two_level_bits_per_word;
  }

  void look_for_selected_words() noexcept {
    // Seq_cst for the sake of Upcall::acknowledge(), which argues it. Most often it is zero: no need to write.
    if (words_.load(info_->evtchn_pending_sel, std::memory_order_seq_cst) != 0) {
      // Ordered is this read before those of the pending words. At the other end Xen sets a pending bit before the
      // selector's. Weaker, and we could find the word empty whose selector bit we have just cleared.
      selected_ |= words_.exchange(info_->evtchn_pending_sel, 0, std::memory_order_acquire);
    }
  }

  // The first port with an event for this vCPU, from next_ on and round; words found without one are no longer
  // selected.
  [[nodiscard]] std::optional<Port> next(const Array& array) noexcept {
    const std::uint32_t first = next_ / abi::two_level_bits_per_word;
    const std::uint64_t from = ~std::uint64_t{0} << next_ % abi::two_level_bits_per_word;
    if ((selected_ >> first & 1) != 0) {
      if (const std::uint64_t events = mine(array, first) & from; events != 0) {
        return port_of(first, events);
      }
    }
    // Round to the first word again, for its ports before next_: it comes last, as the highest bit of the rotated
    // selector.
    const auto start = static_cast<int>(first + 1);
    while (selected_ != 0) {
      const auto turn = static_cast<std::uint32_t>(std::countr_zero(std::rotr(selected_, start)));
      const std::uint32_t word = (first + 1 + turn) % abi::two_level_words;
      if (const std::uint64_t events = mine(array, word); events != 0) {
        return port_of(word, events);
      }
      selected_ &= ~(std::uint64_t{1} << word);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t mine(const Array& array, std::uint32_t word) noexcept {
    return array.deliverable(word) & words_.load(attended_[word], std::memory_order_acquire);
  }

  static Port port_of(std::uint32_t word, std::uint64_t events) noexcept {
    return Port{word * abi::two_level_bits_per_word + static_cast<std::uint32_t>(std::countr_zero(events))};
  }

  abi::Vcpu_info* info_;
  Upcall<Words> upcall_;
  std::array<std::uint64_t, abi::two_level_words> attended_{};
  std::uint64_t selected_ = 0;  // words that may hold an event of ours
  std::uint32_t next_ = 0;      // the port whose turn it is
  [[no_unique_address]] Words words_;
};

}  // namespace enlighten::guest
