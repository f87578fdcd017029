// SPDX-License-Identifier: MIT
// How words are touched that Xen or another vCPU touches too: the policy the event queues are templates over.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include <arch/shared_access.hpp>

namespace enlighten::guest {

// One access to one word for each function, its ordering an argument, so that the queue argues it where it stands.
// Memory itself is plain integers: its layout belongs to Xen, and half of it is written by somebody who knows
// nothing of std::atomic. A policy is a small value (a test's points at its scheduler).
template <typename Words>
concept Word_policy = std::copyable<Words> && requires(const Words words, std::uint64_t& word,
                                                       std::uint64_t& expected, std::uint8_t& byte) {
  { words.load(word, std::memory_order_acquire) } -> std::same_as<std::uint64_t>;
  { words.load(byte, std::memory_order_acquire) } -> std::same_as<std::uint8_t>;
  words.store(byte, std::uint8_t{0}, std::memory_order_release);
  { words.exchange(word, std::uint64_t{0}, std::memory_order_acquire) } -> std::same_as<std::uint64_t>;
  { words.fetch_or(word, std::uint64_t{1}, std::memory_order_acquire) } -> std::same_as<std::uint64_t>;
  { words.fetch_and(word, std::uint64_t{1}, std::memory_order_acquire) } -> std::same_as<std::uint64_t>;
  // Acquire, release or both. May fail without cause; a failure leaves what is there in `expected` and orders
  // nothing.
  { words.compare_exchange(word, expected, std::uint64_t{0}, std::memory_order_acquire) } -> std::same_as<bool>;
};

// One that copies bytes, too, in no order: those which words like the above have handed over as a whole. Both spans
// are of the same length.
template <typename Words>
concept Bytes_policy =
    Word_policy<Words> && requires(const Words words, std::span<std::uint8_t> shared, std::span<std::byte> own) {
      words.put(shared, std::span<const std::byte>{own});
      words.take(own, shared);
    };

// The policy of every image: exactly the instruction asked for.
struct Shared_words {
  template <std::unsigned_integral T>
  [[nodiscard, gnu::always_inline]] static T load(T& word, std::memory_order order) noexcept {
    arch::before_shared_access(&word);
    return std::atomic_ref<T>{word}.load(order);
  }

  template <std::unsigned_integral T>
  [[gnu::always_inline]] static void store(T& word, std::type_identity_t<T> value,
                                           std::memory_order order) noexcept {
    arch::before_shared_access(&word);
    std::atomic_ref<T>{word}.store(value, order);
  }

  template <std::unsigned_integral T>
  [[gnu::always_inline]] static T exchange(T& word, std::type_identity_t<T> value,
                                           std::memory_order order) noexcept {
    arch::before_shared_access(&word);
    return std::atomic_ref<T>{word}.exchange(value, order);
  }

  template <std::unsigned_integral T>
  [[gnu::always_inline]] static T fetch_or(T& word, std::type_identity_t<T> bits,
                                           std::memory_order order) noexcept {
    arch::before_shared_access(&word);
    return std::atomic_ref<T>{word}.fetch_or(bits, order);
  }

  template <std::unsigned_integral T>
  [[gnu::always_inline]] static T fetch_and(T& word, std::type_identity_t<T> bits,
                                            std::memory_order order) noexcept {
    arch::before_shared_access(&word);
    return std::atomic_ref<T>{word}.fetch_and(bits, order);
  }

  template <std::unsigned_integral T>
  [[nodiscard, gnu::always_inline]] static bool compare_exchange(T& word, std::type_identity_t<T>& expected,
                                                                 std::type_identity_t<T> desired,
                                                                 std::memory_order order) noexcept {
    // GCC 12 takes an order that is a parameter for the strongest one, inlined or not: it must stand here itself.
    arch::before_shared_access(&word);
    const std::atomic_ref<T> shared{word};
    switch (order) {
      case std::memory_order_acquire:
        return shared.compare_exchange_weak(expected, desired, std::memory_order_acquire,
                                            std::memory_order_relaxed);
      case std::memory_order_release:
        return shared.compare_exchange_weak(expected, desired, std::memory_order_release,
                                            std::memory_order_relaxed);
      default:
        return shared.compare_exchange_weak(expected, desired, std::memory_order_acq_rel,
                                            std::memory_order_relaxed);
    }
  }

  static void put(std::span<std::uint8_t> to, std::span<const std::byte> from) noexcept {
    if (!from.empty()) {
      arch::before_shared_access(to.data());
      std::memcpy(to.data(), from.data(), from.size());
    }
  }

  static void take(std::span<std::byte> to, std::span<std::uint8_t> from) noexcept {
    if (!to.empty()) {
      arch::before_shared_access(from.data());
      std::memcpy(to.data(), from.data(), to.size());
    }
  }
};
static_assert(Bytes_policy<Shared_words>);

}  // namespace enlighten::guest
