// SPDX-License-Identifier: MIT
// Cache maintenance by address: for what a CPU without caches reads or has written, and for code that was stored.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::arch {

// CTR_EL0 ([arm] D19.2): sizes are log2 of 4-byte words, of the smallest line among all caches, in bytes here.
struct Cache_lines {
  std::size_t data;         // DminLine, bits 19:16
  std::size_t instruction;  // IminLine, bits 3:0
};

[[nodiscard]] inline Cache_lines cache_lines() noexcept {
  std::uint64_t type;
  asm("mrs %0, ctr_el0" : "=r"(type));
  return {std::size_t{4} << (type >> 16 & 0xf), std::size_t{4} << (type & 0xf)};
}

namespace detail {

// `operation` on each line that holds a byte of the range.
template <typename Operation>
inline void each_line(const void* start, std::size_t size, std::size_t line, Operation operation) noexcept {
  const auto first = reinterpret_cast<std::uintptr_t>(start);
  for (std::uintptr_t address = first & ~(line - 1); address < first + size; address += line) {
    operation(address);
  }
}

inline void clean_and_invalidate_line(std::uintptr_t address) noexcept {
  asm volatile("dc civac, %0" : : "r"(address) : "memory");
}

}  // namespace detail

// The Point of Coherency is where every observer, caches on or off, agrees ([arm] D7.5.9). The DSB is for the full
// system because an observer with its MMU off uses Device-nGnRnE accesses, which are outside the inner shareable
// domain; until it completes, none of the operations need have been done.

// What this CPU has stored becomes readable with caches off. For everything a starting secondary reads before its
// MMU is on: its argument block, its stack's first words, the page tables' registers.
inline void clean_to_coherency(const void* start, std::size_t size) noexcept {
  detail::each_line(start, size, cache_lines().data, [](std::uintptr_t address) {
    asm volatile("dc cvac, %0" : : "r"(address) : "memory");
  });
  asm volatile("dsb sy" : : : "memory");
}

inline void clean_and_invalidate_to_coherency(const void* start, std::size_t size) noexcept {
  detail::each_line(start, size, cache_lines().data, detail::clean_and_invalidate_line);
  asm volatile("dsb sy" : : : "memory");
}

// What a CPU with caches off has stored becomes readable with caches on: stale lines, as a boot loader or
// speculation leaves them, are dropped. The first and last line may hold bytes of others, dirty ones, which
// dropping would undo: they are cleaned as well, so a range whose own edge lines may be dirty must be line-aligned.
// The leading DSB orders the uncached stores before the drop ([arm] D7.5.9).
inline void invalidate_to_coherency(const void* start, std::size_t size) noexcept {
  if (size == 0) {
    return;
  }
  const std::size_t line = cache_lines().data;
  const auto first = reinterpret_cast<std::uintptr_t>(start);
  const std::uintptr_t end = first + size;
  asm volatile("dsb sy" : : : "memory");
  for (std::uintptr_t address = first & ~(line - 1); address < end; address += line) {
    if (address < first || address + line > end) {
      detail::clean_and_invalidate_line(address);
    } else {
      asm volatile("dc ivac, %0" : : "r"(address) : "memory");
    }
  }
  asm volatile("dsb sy" : : : "memory");
}

// What was stored becomes executable on every CPU that passes a context synchronization event after this; this one
// does so here ([arm] B2.7.4). Data to the Point of Unification, then the instruction side, each completed for the
// inner shareable domain before the next: the other way round the instruction cache could refill with the old
// bytes.
inline void synchronize_code(const void* start, std::size_t size) noexcept {
  const Cache_lines lines = cache_lines();
  detail::each_line(start, size, lines.data, [](std::uintptr_t address) {
    asm volatile("dc cvau, %0" : : "r"(address) : "memory");
  });
  asm volatile("dsb ish" : : : "memory");
  detail::each_line(start, size, lines.instruction, [](std::uintptr_t address) {
    asm volatile("ic ivau, %0" : : "r"(address) : "memory");
  });
  asm volatile("dsb ish\n\tisb" : : : "memory");
}

}  // namespace enlighten::arch
