// SPDX-License-Identifier: MIT
// Translation on a host: a guest builds its tables as on a machine, and nobody translates by them.
#pragma once

#include <arch/tlb_maintenance.hpp>
#include <arch/translation_control.hpp>

namespace enlighten::arch {

// Wide enough for wherever the host has put this process.
[[nodiscard]] inline Output_bits physical_address_bits() noexcept {
  return Output_bits::bits_48;
}

inline void publish_translations() noexcept {}
inline void complete(Tlb_maintenance /*owed*/) noexcept {}

}  // namespace enlighten::arch
