// SPDX-License-Identifier: MIT
// Going on on another stack, and coming back: what the C library's swapcontext() does, without its two calls to the
// kernel for a signal mask that nobody here changes.
#pragma once

#include <cstddef>

#if !defined(__x86_64__)
#include <ucontext.h>
#endif

namespace enlighten::arch::hosted {

// Where somebody left a stack, or is to begin on it.
class Stack_place {
 public:
  // `entry` has nowhere to return to.
  void begin_at(std::byte* stack, std::size_t size, void (*entry)());

  // Leaves the current stack, its place kept in `from`, for `to`. Returns when somebody goes to `from`.
  static void go(Stack_place& from, Stack_place& to);

 private:
#if defined(__x86_64__)
  void* top_ = nullptr;
#else
  ucontext_t context_{};
#endif
};

}  // namespace enlighten::arch::hosted
