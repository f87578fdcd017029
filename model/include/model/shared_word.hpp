// SPDX-License-Identifier: MIT
// A word that Xen shares with guests: every access is atomic, and comes after others had their chance.
#pragma once

#include <atomic>

#include <model/turns.hpp>

namespace enlighten::model {

// As Xen's Arm atomics are ordered: what tests or compares and also changes is a full barrier, plain reads and
// writes are none. A guest that wants more order has to bring it itself, and ThreadSanitizer sees whether it does.
template <typename Word>
class Shared_word {
 public:
  Shared_word(Turns& turns, Word& word) : turns_{turns}, word_{word} {}

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
    turns_.step(&word_);
    return std::atomic_ref<Word>{word_};
  }

  Turns& turns_;
  Word& word_;
};

}  // namespace enlighten::model
