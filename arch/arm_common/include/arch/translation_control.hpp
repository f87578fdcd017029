// SPDX-License-Identifier: MIT
// How wide translated addresses are, and what tells the hardware so.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// Width of the addresses that are translated: how much can be mapped, and how many levels a walk has.
enum class Input_bits : std::uint8_t {
  bits_32 = 32,  // 4 GiB, 3 levels
  bits_39 = 39,  // 512 GiB, 3 levels
  bits_44 = 44,  // 16 TiB, 4 levels: Xen's second bank of guest memory fits
  bits_48 = 48,  // 256 TiB, 4 levels
};

// Width of the addresses that come out, as ID_AA64MMFR0_EL1.PARange and TCR_EL1.IPS encode it ([arm] D19.2).
enum class Output_bits : std::uint8_t {
  bits_32 = 0,
  bits_36 = 1,
  bits_40 = 2,
  bits_42 = 3,
  bits_44 = 4,
  bits_48 = 5
};

[[nodiscard]] constexpr unsigned width(Input_bits bits) noexcept {
  return static_cast<unsigned>(bits);
}

[[nodiscard]] constexpr unsigned width(Output_bits bits) noexcept {
  const auto code = static_cast<unsigned>(bits);
  return code < 3 ? 32 + 4 * code : code < 5 ? 36 + 2 * code : 48;
}

// A level resolves nine bits, above the twelve of a page; the top table is as short as the rest leaves it.
[[nodiscard]] constexpr unsigned start_level(Input_bits bits) noexcept {
  return 3 - (width(bits) - 13) / 9;
}

// TCR_EL1 for one range of addresses from zero; what lies above faults without a walk ([arm] D19.2 TCR_EL1).
[[nodiscard]] constexpr std::uint64_t translation_control(Input_bits input, Output_bits output) noexcept {
  const std::uint64_t t0sz = 64 - width(input);                // 5:0    size offset of the lower range
  constexpr std::uint64_t walk_inner_write_back = 1ULL << 8;   // 9:8    IRGN0: walks look into the caches,
  constexpr std::uint64_t walk_outer_write_back = 1ULL << 10;  // 11:10  ORGN0: so tables need no cleaning,
  constexpr std::uint64_t walk_inner_shareable = 3ULL << 12;   // 13:12  SH0: and are shared as data is
  constexpr std::uint64_t granule_4k = 0ULL << 14;             // 15:14  TG0
  const std::uint64_t upper_t1sz = t0sz << 16;                 // 21:16  T1SZ, unused
  constexpr std::uint64_t upper_no_walks = 1ULL << 23;         // 23     EPD1
  constexpr std::uint64_t upper_granule_4k = 2ULL << 30;       // 31:30  TG1, where 0 is reserved
  const std::uint64_t output_size = static_cast<std::uint64_t>(output) << 32;  // 34:32  IPS
  return t0sz | walk_inner_write_back | walk_outer_write_back | walk_inner_shareable | granule_4k | upper_t1sz |
         upper_no_walks | upper_granule_4k | output_size;
}

// What the registers of translation hold.
struct Translation {
  std::uint64_t table;              // physical address of the top table, for TTBR0_EL1; ASID 0
  std::uint64_t control;            // TCR_EL1, from translation_control()
  std::uint64_t memory_attributes;  // MAIR_EL1
};

}  // namespace enlighten::arch
