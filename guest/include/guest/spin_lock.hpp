// SPDX-License-Identifier: MIT
// Mutual exclusion between vCPUs.
#pragma once

#include <atomic>
#include <cstdint>

#include <arch/processor.hpp>

namespace enlighten::guest {

// Whoever runs when it is free may have it, in no order: were it the next in line's, and that vCPU not on a CPU
// just then, all others would wait for its turn there, too, each for the one before it.
//
// Not for the event path, which has no locks; interrupts are masked wherever it is held, so nothing on the same CPU
// can ask for it again.
class Spin_lock {
 public:
  void lock() noexcept {
    // Acquire: what the last holder wrote before its release in unlock() is seen here. Weaker, and the data under
    // the lock could be read from before that holder changed it.
    while (std::atomic_ref{held_}.exchange(1, std::memory_order_acquire) != 0) {
      static_cast<void>(arch::wait_while_equal(held_, 1));
    }
  }

  // Release: everything the holder did is before the next holder's acquire in lock(). Weaker, and a store of the
  // holder's could land after the next one has begun.
  void unlock() noexcept { std::atomic_ref{held_}.store(0, std::memory_order_release); }

 private:
  std::uint32_t held_ = 0;
};

// The same in a byte, for where two hardly ever meet.
class Byte_lock {
 public:
  void lock() noexcept {
    // Orders as in Spin_lock.
    while (held_.exchange(1, std::memory_order_acquire) != 0) {
      arch::relax();
    }
  }
  void unlock() noexcept { held_.store(0, std::memory_order_release); }

 private:
  std::atomic<std::uint8_t> held_{0};
};

template <typename Lock>
class Spin_guard {
 public:
  explicit Spin_guard(Lock& lock) noexcept : lock_{lock} { lock_.lock(); }
  ~Spin_guard() { lock_.unlock(); }
  Spin_guard(const Spin_guard&) = delete;
  Spin_guard& operator=(const Spin_guard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace enlighten::guest
