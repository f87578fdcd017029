// SPDX-License-Identifier: MIT
// Telling the CPUs that a table has changed: nobody translates by a guest's tables on a host.
#pragma once

#include <arch/tlb_maintenance.hpp>

namespace enlighten::arch {

inline void publish_translations() noexcept {}
inline void complete(Tlb_maintenance /*owed*/) noexcept {}

}  // namespace enlighten::arch
