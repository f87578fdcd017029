// SPDX-License-Identifier: MIT
// Each access twice, by the word policy of every image and by hand: both must become the same instructions.
#include <cstdint>

#include <abi/event_fifo.hpp>
#include <abi/vcpu_info.hpp>
#include <guest/fifo_array.hpp>
#include <guest/shared_words.hpp>
#include <guest/upcall.hpp>

namespace enlighten::guest {

using abi::Event_word;

extern "C" {

std::uint32_t policy_load_seq_cst(std::uint32_t& word) {
  return Shared_words::load(word, std::memory_order_seq_cst);
}
std::uint32_t direct_load_seq_cst(std::uint32_t& word) {
  return __atomic_load_n(&word, __ATOMIC_SEQ_CST);
}

std::uint64_t policy_load_acquire(std::uint64_t& word) {
  return Shared_words::load(word, std::memory_order_acquire);
}
std::uint64_t direct_load_acquire(std::uint64_t& word) {
  return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}

std::uint32_t policy_load_relaxed(std::uint32_t& word) {
  return Shared_words::load(word, std::memory_order_relaxed);
}
std::uint32_t direct_load_relaxed(std::uint32_t& word) {
  return *static_cast<volatile std::uint32_t*>(&word);
}

void policy_store_release(std::uint32_t& word) {
  Shared_words::store(word, 7, std::memory_order_release);
}
void direct_store_release(std::uint32_t& word) {
  __atomic_store_n(&word, 7, __ATOMIC_RELEASE);
}

std::uint32_t policy_exchange(std::uint32_t& word) {
  return Shared_words::exchange(word, 0, std::memory_order_acquire);
}
std::uint32_t direct_exchange(std::uint32_t& word) {
  return __atomic_exchange_n(&word, 0U, __ATOMIC_ACQUIRE);
}

std::uint64_t policy_exchange_64(std::uint64_t& word) {
  return Shared_words::exchange(word, 0, std::memory_order_acquire);
}
std::uint64_t direct_exchange_64(std::uint64_t& word) {
  return __atomic_exchange_n(&word, 0UL, __ATOMIC_ACQUIRE);
}

void policy_set_relaxed(std::uint32_t& word) {
  Shared_words::fetch_or(word, abi::event_word::masked, std::memory_order_relaxed);
}
void direct_set_relaxed(std::uint32_t& word) {
  __atomic_fetch_or(&word, abi::event_word::masked, __ATOMIC_RELAXED);
}

std::uint64_t policy_clear_acquire(std::uint64_t& word, std::uint64_t bit) {
  return Shared_words::fetch_and(word, ~bit, std::memory_order_acquire);
}
std::uint64_t direct_clear_acquire(std::uint64_t& word, std::uint64_t bit) {
  return __atomic_fetch_and(&word, ~bit, __ATOMIC_ACQUIRE);
}

bool policy_swap_acquire(std::uint32_t& word, std::uint32_t expected, std::uint32_t desired) {
  return Shared_words::compare_exchange(word, expected, desired, std::memory_order_acquire);
}
bool direct_swap_acquire(std::uint32_t& word, std::uint32_t expected, std::uint32_t desired) {
  return __atomic_compare_exchange_n(&word, &expected, desired, true, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

bool policy_swap_release(std::uint32_t& word, std::uint32_t expected, std::uint32_t desired) {
  return Shared_words::compare_exchange(word, expected, desired, std::memory_order_release);
}
bool direct_swap_release(std::uint32_t& word, std::uint32_t expected, std::uint32_t desired) {
  return __atomic_compare_exchange_n(&word, &expected, desired, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

void policy_acknowledge(abi::Vcpu_info& info) {
  Upcall<>{info}.acknowledge();
}
void direct_acknowledge(abi::Vcpu_info& info) {
  __atomic_store_n(&info.evtchn_upcall_pending, std::uint8_t{0}, __ATOMIC_SEQ_CST);
}

Event_word policy_take(const Fifo_array<>& array, Event_word& word) {
  return array.take(word).value_or(~0U);
}
Event_word direct_take(const Fifo_array<>& /*array*/, Event_word& word) {
  using namespace abi::event_word;
  Event_word seen = __atomic_load_n(&word, __ATOMIC_RELAXED);
  for (std::uint32_t attempt = 0; attempt != 4096; ++attempt) {
    if ((seen & linked) == 0) {
      return seen;
    }
    const Event_word gone = linked | link | ((seen & (pending | masked)) == pending ? pending : 0);
    if (__atomic_compare_exchange_n(&word, &seen, seen & ~gone, true, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      return seen;
    }
  }
  return ~0U;
}

}  // extern "C"

}  // namespace enlighten::guest
