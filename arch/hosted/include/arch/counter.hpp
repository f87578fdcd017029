// SPDX-License-Identifier: MIT
// The virtual counter of the machine that the current thread runs on.
#pragma once

#include <cstdint>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch {

[[nodiscard]] inline std::uint64_t counter() noexcept {
  return hosted::current_machine("counter").counter();
}
[[nodiscard]] inline std::uint64_t counter_frequency() noexcept {
  return hosted::current_machine("counter_frequency").counter_frequency();
}

}  // namespace enlighten::arch
