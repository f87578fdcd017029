// SPDX-License-Identifier: MIT
// Turning translation and caches on, and telling every CPU that a table has changed.
#pragma once

#include <cstdint>

#include <arch/tlb_maintenance.hpp>
#include <arch/translation_control.hpp>

namespace enlighten::arch {

// The widest physical address of this CPU, no wider than the 48 bits that a 4 KiB granule describes without further
// extensions ([arm] ID_AA64MMFR0_EL1.PARange, bits 3:0).
[[nodiscard]] inline Output_bits physical_address_bits() noexcept {
  std::uint64_t features;
  asm("mrs %0, id_aa64mmfr0_el1" : "=r"(features));
  const auto range = static_cast<std::uint8_t>(features & 0xf);
  constexpr auto widest = static_cast<std::uint8_t>(Output_bits::bits_48);
  return static_cast<Output_bits>(range < widest ? range : widest);
}

// SCTLR_EL1 as a whole, since what is inherited is not to be trusted ([arm] D19.2 SCTLR_EL1).
enum class System_control : std::uint64_t {
  mmu = 1U << 0,                   // M
  data_cache = 1U << 2,            // C
  stack_alignment = 1U << 3,       // SA    an unaligned stack pointer faults
  instruction_cache = 1U << 12,    // I
  write_execute_never = 1U << 19,  // WXN  what is writable is not executable, even if a descriptor said so
  reserved_one = 1U << 29 | 1U << 28 | 1U << 23 | 1U << 22 | 1U << 20 | 1U << 11,  // as Armv8.0 has them; later the
                                                                                   // same behaviour under a name
};

// SCTLR_EL1 while the MMU and the caches are off.
inline constexpr std::uint64_t system_control_off = static_cast<std::uint64_t>(System_control::reserved_one);

inline constexpr std::uint64_t system_control_on = system_control_off |
                                                   static_cast<std::uint64_t>(System_control::mmu) |
                                                   static_cast<std::uint64_t>(System_control::data_cache) |
                                                   static_cast<std::uint64_t>(System_control::stack_alignment) |
                                                   static_cast<std::uint64_t>(System_control::instruction_cache) |
                                                   static_cast<std::uint64_t>(System_control::write_execute_never);

// On this CPU, from identity-mapped code. The tables must be readable with caches on: stored with caches off, they
// are invalidated to the Point of Coherency first. The order: the tables' stores are complete; nothing that was
// translated before (by an earlier owner of this CPU, or a start that inherited its registers) is left in the TLB,
// for which the MMU is turned off first, else it would refill from the old tables; the registers are in effect
// (ISB) before M is set, since M makes the next fetch use them; no instruction cached under other attributes
// survives; M takes effect.
inline void enable_translation(const Translation& translation) noexcept {
  asm volatile(
      "dsb sy\n\t"
      "msr sctlr_el1, %3\n\t"
      "isb\n\t"
      "msr mair_el1, %0\n\t"
      "msr tcr_el1, %1\n\t"
      "msr ttbr0_el1, %2\n\t"
      "isb\n\t"
      "tlbi vmalle1\n\t"
      "ic iallu\n\t"
      "dsb nsh\n\t"
      "isb\n\t"
      "msr sctlr_el1, %4\n\t"
      "isb"
      :
      : "r"(translation.memory_attributes), "r"(translation.control), "r"(translation.table),
        "r"(system_control_off), "r"(system_control_on)
      : "memory");
}

// Whether this CPU translates now; false in entry code unless its registers were inherited.
[[nodiscard]] inline bool translation_enabled() noexcept {
  std::uint64_t control;
  asm volatile("mrs %0, sctlr_el1" : "=r"(control) : : "memory");
  return (control & static_cast<std::uint64_t>(System_control::mmu)) != 0;
}

// Invalid entries are never in a TLB, so an entry that became valid needs no invalidation: only its store must be
// seen by the table walks of every CPU, and this CPU must not have fetched ahead ([arm] D8.14.1).
inline void publish_translations() noexcept {
  asm volatile("dsb ishst\n\tisb" : : : "memory");
}

// Pays what unmapping or a change of permission owes: after it no CPU uses the old translation, and the pages may
// be given away or mapped anew. DSB before: a walk after the TLBI must not find the old entry and cache it again;
// IS and DSB after: done on all CPUs; ISB: for this one's fetches. The address operand holds bits 55:12 in 43:0
// ([arm] D8.14.5); VAALE1IS is the last level only, whatever the ASID, which suffices since table entries never
// change. Beyond a handful of pages everything goes: cheaper than a broadcast for each.
inline void complete(Tlb_maintenance owed) noexcept {
  constexpr std::uint64_t page = 4096;
  if (owed.size == 0) {
    return;
  }
  asm volatile("dsb ishst" : : : "memory");
  if (owed.size > 64 * page) {
    asm volatile("tlbi vmalle1is" : : : "memory");
  } else {
    for (std::uint64_t offset = 0; offset < owed.size; offset += page) {
      asm volatile("tlbi vaale1is, %0" : : "r"((owed.first + offset) >> 12 & 0xfff'ffff'ffffULL) : "memory");
    }
  }
  asm volatile("dsb ish\n\tisb" : : : "memory");
}

}  // namespace enlighten::arch
