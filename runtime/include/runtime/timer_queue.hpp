// SPDX-License-Identifier: MIT
// What a vCPU waits for in time: a pairing heap of deadlines, without memory of its own.
#pragma once

#include <coroutine>
#include <utility>

#include <runtime/clock.hpp>

namespace enlighten::runtime {

// One wait. Lives in whoever waits, until it has been taken out.
class Timer {
 public:
  explicit Timer(Instant deadline) noexcept : deadline_{deadline} {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  [[nodiscard]] Instant deadline() const noexcept { return deadline_; }

  std::coroutine_handle<> waiter;

 private:
  friend class Timer_queue;

  Instant deadline_;
  Timer* child_ = nullptr;
  Timer* sibling_ = nullptr;
};

// Insertion is a comparison, taking the first one out O(log n) on average. Equal deadlines come in no special
// order.
class Timer_queue {
 public:
  [[nodiscard]] bool empty() const noexcept { return root_ == nullptr; }
  // Not empty.
  [[nodiscard]] Timer& first() const noexcept { return *root_; }

  void insert(Timer& timer) noexcept {
    timer.child_ = timer.sibling_ = nullptr;
    root_ = root_ == nullptr ? &timer : meld(root_, &timer);
  }

  // Not empty. Two passes over the children: in pairs from the left, then all pairs from the right.
  Timer& take_first() noexcept {
    Timer& first = *root_;
    Timer* pairs = nullptr;
    for (Timer* child = first.child_; child != nullptr;) {
      Timer* const left = child;
      Timer* const right = left->sibling_;
      child = right == nullptr ? nullptr : right->sibling_;
      left->sibling_ = nullptr;
      Timer* merged = left;
      if (right != nullptr) {
        right->sibling_ = nullptr;
        merged = meld(left, right);
      }
      merged->sibling_ = pairs;
      pairs = merged;
    }
    root_ = nullptr;
    while (pairs != nullptr) {
      Timer* const next = std::exchange(pairs->sibling_, nullptr);
      root_ = root_ == nullptr ? pairs : meld(root_, pairs);
      pairs = next;
    }
    return first;
  }

 private:
  // Both are roots without siblings.
  [[nodiscard]] static Timer* meld(Timer* one, Timer* other) noexcept {
    if (other->deadline_ < one->deadline_) {
      std::swap(one, other);
    }
    other->sibling_ = one->child_;
    one->child_ = other;
    return one;
  }

  Timer* root_ = nullptr;
};

}  // namespace enlighten::runtime
