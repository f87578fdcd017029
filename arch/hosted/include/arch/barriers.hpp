// SPDX-License-Identifier: MIT
// Barriers between memory and what is not memory: on a host all of that is a call into the machine.
#pragma once

#include <atomic>

namespace enlighten::arch {

// A machine is entered by a function call, which orders this thread's accesses for the compiler; towards other
// threads the machine's own locks do. What remains is to keep the strength that the name promises.
inline void store_barrier() noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}
inline void completion_barrier() noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}
inline void system_barrier() noexcept {
  std::atomic_thread_fence(std::memory_order_seq_cst);
}
inline void store_order() noexcept {
  std::atomic_thread_fence(std::memory_order_release);
}
inline void context_barrier() noexcept {
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

}  // namespace enlighten::arch
