// SPDX-License-Identifier: MIT
// A lock of Xen's: whoever finds it taken lets others go on until it is free.
#pragma once

#include <atomic>

#include <model/turns.hpp>

namespace enlighten::model {

class Lock {
 public:
  void lock(Turns& turns) {
    while (taken_.exchange(true, std::memory_order_acquire)) {
      turns.wait([this] { return !taken_.load(std::memory_order_relaxed); });
    }
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

class Lock_guard {
 public:
  Lock_guard(Lock& lock, Turns& turns) : lock_{lock} { lock_.lock(turns); }
  ~Lock_guard() { lock_.unlock(); }
  Lock_guard(const Lock_guard&) = delete;
  Lock_guard& operator=(const Lock_guard&) = delete;

 private:
  Lock& lock_;
};

}  // namespace enlighten::model
