// SPDX-License-Identifier: MIT
// Guest frame numbers: which 4 KiB page of the guest's physical memory, xen_pfn_t ([xen] arch-arm.h).
#pragma once

#include <cstdint>

#include <base/ids.hpp>

namespace enlighten::abi {

// Xen's page, whatever granule the guest's own page tables use.
inline constexpr std::uint64_t page_size = 4096;

using Gfn = Identity<struct Gfn_tag, std::uint64_t>;

[[nodiscard]] constexpr Gfn gfn_of(std::uint64_t guest_physical_address) noexcept {
  return Gfn{guest_physical_address / page_size};
}

[[nodiscard]] constexpr std::uint64_t address_of(Gfn frame) noexcept {
  return frame.value() * page_size;
}

// "Not mapped", as GNTTABOP_setup_table says it.
inline constexpr Gfn no_frame{~std::uint64_t{0}};

}  // namespace enlighten::abi
