// SPDX-License-Identifier: MIT
// The barriers that no atomic operation can stand for; each use argues for itself.
#pragma once

namespace enlighten::arch {

// Order between words in Normal memory belongs to std::atomic operations. These are for the rest: memory against
// system registers, devices, translation tables and instruction fetch ([arm] B2.7, D7.5). "memory" stops the
// compiler from moving accesses across.

// Stores before it are visible to the inner shareable domain before any later instruction of this CPU executes:
// what must stand before a system register write (an SGI, a TLBI) that makes another CPU look.
inline void store_barrier() noexcept {
  asm volatile("dsb ishst" : : : "memory");
}

// The same for loads and stores, and TLB and cache maintenance by this CPU has completed.
inline void completion_barrier() noexcept {
  asm volatile("dsb ish" : : : "memory");
}

// The same for the full system, Device memory and observers without caches included.
inline void system_barrier() noexcept {
  asm volatile("dsb sy" : : : "memory");
}

// Stores to Normal memory before it are seen by whoever sees a later store, a device's register included.
inline void store_order() noexcept {
  asm volatile("dmb oshst" : : : "memory");
}

// Later instructions are fetched and executed with every system register write before it in effect.
inline void context_barrier() noexcept {
  asm volatile("isb" : : : "memory");
}

}  // namespace enlighten::arch
