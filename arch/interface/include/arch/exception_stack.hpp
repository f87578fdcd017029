// SPDX-License-Identifier: MIT
// The head of what arch::cpu_local() points to, for backends whose exceptions need a stack of their own.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// Where the vectors find a stack that works when the one in use may be what failed.
struct Exception_stack {
  std::uint64_t top = 0;
  // What thread_local variables are found by; an exception may come while the register is in use for its own entry.
  void* thread_pointer = nullptr;
};

}  // namespace enlighten::arch
