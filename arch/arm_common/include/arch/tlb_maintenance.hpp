// SPDX-License-Identifier: MIT
// What a changed translation table still owes before its change holds on every CPU.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// Leaf entries of these input addresses may still be in TLBs. arch::complete() pays; a size of zero owes nothing.
struct [[nodiscard]] Tlb_maintenance {
  std::uint64_t first = 0;
  std::uint64_t size = 0;  // bytes

  friend constexpr bool operator==(const Tlb_maintenance&, const Tlb_maintenance&) = default;
};

}  // namespace enlighten::arch
