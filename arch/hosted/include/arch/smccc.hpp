// SPDX-License-Identifier: MIT
// A call by the SMC Calling Convention, answered by the machine that the current thread runs on.
#pragma once

#include <cstdint>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch {

inline Smccc_result smccc(Conduit conduit, std::uint32_t function, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                          std::uint64_t a3 = 0) noexcept {
  return hosted::current_machine("smccc").smccc(conduit, function, {a1, a2, a3});
}

}  // namespace enlighten::arch
