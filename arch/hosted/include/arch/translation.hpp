// SPDX-License-Identifier: MIT
// Translation on a host: a guest builds its tables as on a machine; nobody translates by them, but a machine may
// look how they map what is shared with it.
#pragma once

#include <arch/hosted_machine.hpp>
#include <arch/tlb_maintenance.hpp>
#include <arch/translation_control.hpp>

namespace enlighten::arch {

// Wide enough for wherever the host has put this process.
[[nodiscard]] inline Output_bits physical_address_bits() noexcept {
  return Output_bits::bits_48;
}

// Tables are also built by tests, without any machine.
inline void publish_translations() noexcept {
  if (hosted::Machine* const machine = hosted::machine_if_any(); machine != nullptr) {
    machine->translations_changed();
  }
}
inline void complete(Tlb_maintenance /*owed*/) noexcept {
  publish_translations();
}

}  // namespace enlighten::arch
