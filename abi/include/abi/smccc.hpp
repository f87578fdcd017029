// SPDX-License-Identifier: MIT
// Function ids of the SMC calling convention's own services and of Xen's ([smccc] 6, 7; [xen] arch-arm/smccc.h).
#pragma once

#include <array>
#include <cstdint>

namespace enlighten::abi {

enum class Smccc_function : std::uint32_t {
  version = 0x80000000,        // returns major << 16 | minor
  arch_features = 0x80000001,  // of another function: 0 or more if there, not_supported if not
  hypervisor_call_count = 0x8500ff00,
  hypervisor_uid = 0x8500ff01,  // four words in x0 to x3
  hypervisor_revision = 0x8500ff03,
};

// The answer to a function nobody implements, as a signed number of the register's width.
inline constexpr std::int32_t smccc_not_supported = -1;

// What hypervisor_uid returns on Xen: the UUID's bytes, little-endian by word.
inline constexpr std::array<std::uint32_t, 4> smccc_xen_uid{0xdc1218a7, 0x694398c6, 0xd179cf9a, 0x67e6de8d};

}  // namespace enlighten::abi
