// SPDX-License-Identifier: MIT
// Where another vCPU may come in between: a scheduler of fibers asks itself here who goes next.
#pragma once

#include <arch/hosted_machine.hpp>

namespace enlighten::arch {

// Without a machine, as in a test of a queue by itself, there is nobody else.
inline void before_shared_access(const void* where) noexcept {
  if (hosted::Machine* const machine = hosted::machine_if_any(); machine != nullptr) {
    machine->before_shared_access(where);
  }
}

}  // namespace enlighten::arch
