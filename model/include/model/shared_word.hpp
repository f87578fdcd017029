// SPDX-License-Identifier: MIT
// A word that Xen shares with a guest: every access is atomic, and comes after others had their chance.
#pragma once

#include <atomic>

#include <model/domain_view.hpp>

namespace enlighten::model {

// As Xen's Arm atomics are ordered: what tests or compares and also changes is a full barrier, plain reads and
// writes are none. A guest that wants more order has to bring it itself, and ThreadSanitizer sees whether it does:
// it takes two addresses of one page for two memories, so Xen's access goes by the address that the guest uses.
template <typename Word>
class Shared_word {
 public:
  Shared_word(Domain_view& guest, Word& word) : guest_{guest}, word_{word} {}

  [[nodiscard]] Word load() { return at_my_turn().load(std::memory_order_relaxed); }
  void store(Word value) { at_my_turn().store(value, std::memory_order_relaxed); }
  // Each returns what was there before.
  Word set(Word bits) { return at_my_turn().fetch_or(bits, std::memory_order_seq_cst); }
  Word clear(Word bits) { return at_my_turn().fetch_and(static_cast<Word>(~bits), std::memory_order_seq_cst); }
  // On failure `expected` is what is there.
  [[nodiscard]] bool compare_exchange(Word& expected, Word desired) {
    return at_my_turn().compare_exchange_strong(expected, desired, std::memory_order_seq_cst);
  }

 private:
  std::atomic_ref<Word> at_my_turn() {
    guest_.turns().step(guest_.guest_view(&word_));
    // Asked again: the guest may have moved the page meanwhile.
    return std::atomic_ref<Word>{*static_cast<Word*>(guest_.guest_view(&word_))};
  }

  Domain_view& guest_;
  Word& word_;
};

}  // namespace enlighten::model
