// SPDX-License-Identifier: MIT
// A call to Xen, answered by the machine that the current thread runs on.
#pragma once

#include <cstdint>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch {

inline std::int64_t hypercall(abi::Hypercall number, std::uint64_t a0 = 0, std::uint64_t a1 = 0,
                              std::uint64_t a2 = 0, std::uint64_t a3 = 0, std::uint64_t a4 = 0) noexcept {
  return hosted::current_machine("hypercall").hypercall(number, {a0, a1, a2, a3, a4});
}

}  // namespace enlighten::arch
