// SPDX-License-Identifier: MIT
// How a call to the firmware or hypervisor leaves this exception level, and what comes back ([smccc] 2).
#pragma once

#include <cstdint>

namespace enlighten::arch {

// The device tree's psci node says which ("method"); the wrong one is an undefined instruction or a call to nobody.
enum class Conduit : std::uint8_t { hvc, smc };

struct Smccc_result {
  std::uint64_t x0;
  std::uint64_t x1;
  std::uint64_t x2;
  std::uint64_t x3;
};

}  // namespace enlighten::arch
