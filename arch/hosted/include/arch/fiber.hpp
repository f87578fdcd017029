// SPDX-License-Identifier: MIT
// A function on a stack of its own that can be left and entered again: a vCPU on a host thread that plays many.
#pragma once

#include <cstddef>
#include <functional>

#include <arch/stack_switch.hpp>

namespace enlighten::arch::hosted {

class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  ~Fiber();

  // Runs the body from where it left off until it calls leave() or returns. The body must have returned before the
  // fiber is destroyed if it holds anything that needs destroying.
  void enter();
  // Called by the body.
  void leave();

  [[nodiscard]] bool is_done() const { return done_; }

 private:
  static void start();

  static constexpr std::size_t stack_size = 128 * 1024;

  std::function<void()> body_;
  std::byte* stack_;
  Stack_place inside_;
  Stack_place outside_;
  const void* outside_stack_ = nullptr;
  std::size_t outside_stack_size_ = 0;
  bool done_ = false;
};

}  // namespace enlighten::arch::hosted
