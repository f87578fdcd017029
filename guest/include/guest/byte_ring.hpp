// SPDX-License-Identifier: MIT
// What the rings of bytes have in common that a domain shares with another one: how bytes and indices are ordered.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include <guest/shared_words.hpp>

// Indices count bytes since the ring's beginning and wrap at 2^32; a byte's place is its index modulo the ring's
// size, a power of two. Each end keeps the index it stores to itself and never reads it back: what stands in the
// ring may be anybody's. The other end is not trusted either; its index is checked by whoever asks for it.
namespace enlighten::guest::byte_ring {

// The other end's index. Whoever has asked just before to be told when it moves wants it sequentially consistent.
template <Word_policy Words>
[[nodiscard, gnu::always_inline]] inline std::uint32_t theirs(
    const Words& words, std::uint32_t& index, std::memory_order order = std::memory_order_acquire) noexcept {
  // Acquire. Ordered is this read before the accesses to bytes that it allows. At the other end those bytes were
  // stored, or read, then there is a barrier, and then this index is stored. Weaker, and we could read what stood
  // there before, or store where the other end still reads.
  return words.load(index, order);
}

// Puts `from` behind what we have put, where there is room for it.
template <Word_policy Words, std::size_t Size, typename Byte>
[[gnu::always_inline]] inline void write(const Words& words, std::uint8_t (&ring)[Size], std::span<const Byte> from,
                                         std::uint32_t& ours, std::uint32_t& index) noexcept {
  for (const Byte byte : from) {
    words.store(ring[ours++ % Size], static_cast<std::uint8_t>(byte), std::memory_order_relaxed);
  }
  // Release. Ordered are the bytes above before the index. The other end reads the index, has a barrier, and reads
  // the bytes up to it. Weaker, and it could take for ours what stood there before.
  words.store(index, ours, std::memory_order_release);
}

// Takes what fills `into` of what has come, and gives its room back.
template <Word_policy Words, std::size_t Size, typename Byte>
[[gnu::always_inline]] inline void read(const Words& words, std::uint8_t (&ring)[Size], std::span<Byte> into,
                                        std::uint32_t& ours, std::uint32_t& index) noexcept {
  for (Byte& byte : into) {
    byte = static_cast<Byte>(words.load(ring[ours++ % Size], std::memory_order_relaxed));
  }
  // Release. Ordered are the reads above before the index. The other end reads the index, has a barrier, and stores
  // new bytes in the room. Weaker, and we could read those in place of the old ones.
  words.store(index, ours, std::memory_order_release);
}

// The same for a ring whose size is known only now: all bytes at once, in at most two pieces, since it is many of
// them. The index is sequentially consistent, for who looks next at whether the other end wants to be told of it.
template <Bytes_policy Words>
inline void write(const Words& words, std::span<std::uint8_t> ring, std::span<const std::byte> from,
                  std::uint32_t& ours, std::uint32_t& index) noexcept {
  const std::size_t at = ours & (ring.size() - 1);
  const std::size_t behind = std::min(from.size(), ring.size() - at);
  words.put(ring.subspan(at, behind), from.first(behind));
  words.put(ring.first(from.size() - behind), from.subspan(behind));
  ours += static_cast<std::uint32_t>(from.size());
  words.store(index, ours, std::memory_order_seq_cst);  // a release, as above, and more
}

template <Bytes_policy Words>
inline void read(const Words& words, std::span<std::uint8_t> ring, std::span<std::byte> into, std::uint32_t& ours,
                 std::uint32_t& index) noexcept {
  const std::size_t at = ours & (ring.size() - 1);
  const std::size_t behind = std::min(into.size(), ring.size() - at);
  words.take(into.first(behind), ring.subspan(at, behind));
  words.take(into.subspan(behind), ring.first(into.size() - behind));
  ours += static_cast<std::uint32_t>(into.size());
  words.store(index, ours, std::memory_order_seq_cst);  // a release, as above, and more
}

}  // namespace enlighten::guest::byte_ring
