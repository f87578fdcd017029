// SPDX-License-Identifier: MIT
// Why an exception was taken, from ESR_EL1, in words.
#pragma once

#include <cstdint>

#include <base/text.hpp>

namespace enlighten::arch {

// ESR_ELx.EC, bits 31:26 ([arm] D19.2 ESR_EL1); those that EL1 can meet.
enum class Exception_class : std::uint8_t {
  unknown = 0x00,
  wfi_or_wfe = 0x01,
  vector_registers_off = 0x07,
  branch_target = 0x0d,
  illegal_state = 0x0e,
  supervisor_call = 0x15,
  system_register = 0x18,
  scalable_vector_off = 0x19,
  pointer_authentication = 0x1c,
  instruction_abort_lower = 0x20,
  instruction_abort = 0x21,
  misaligned_pc = 0x22,
  data_abort_lower = 0x24,
  data_abort = 0x25,
  misaligned_sp = 0x26,
  floating_point = 0x2c,
  system_error = 0x2f,
  breakpoint_lower = 0x30,
  breakpoint = 0x31,
  step_lower = 0x32,
  step = 0x33,
  watchpoint_lower = 0x34,
  watchpoint = 0x35,
  brk = 0x3c,
};

class Exception_syndrome {
 public:
  constexpr explicit Exception_syndrome(std::uint64_t esr) noexcept : esr_{esr} {}

  [[nodiscard]] constexpr std::uint64_t raw() const noexcept { return esr_; }
  [[nodiscard]] constexpr Exception_class exception_class() const noexcept {
    return static_cast<Exception_class>(esr_ >> 26 & 0x3f);
  }
  // ISS, bits 24:0, whose meaning depends on the class.
  [[nodiscard]] constexpr std::uint32_t specifics() const noexcept {
    return static_cast<std::uint32_t>(esr_ & 0x1ff'ffff);
  }

  [[nodiscard]] constexpr bool is_data_abort() const noexcept {
    return exception_class() == Exception_class::data_abort ||
           exception_class() == Exception_class::data_abort_lower;
  }
  [[nodiscard]] constexpr bool is_instruction_abort() const noexcept {
    return exception_class() == Exception_class::instruction_abort ||
           exception_class() == Exception_class::instruction_abort_lower;
  }

  // Of an abort: DFSC or IFSC, bits 5:0.
  [[nodiscard]] constexpr std::uint32_t fault_status() const noexcept { return specifics() & 0x3f; }
  // The address has no valid entry: what touching a guard page or a null pointer looks like.
  [[nodiscard]] constexpr bool is_translation_fault() const noexcept {
    return (is_data_abort() || is_instruction_abort()) && (fault_status() & 0x3c) == 0x04;
  }
  // Of a data abort: WnR, bit 6, which says "write" of cache maintenance as well; CM, bit 8, tells.
  [[nodiscard]] constexpr bool is_write() const noexcept { return is_data_abort() && (specifics() & 1U << 6) != 0; }
  [[nodiscard]] constexpr bool is_cache_maintenance() const noexcept {
    return is_data_abort() && (specifics() & 1U << 8) != 0;
  }

  // FAR_EL1 holds the address at fault: for aborts (not where FnV, bit 10, denies it, which only an external abort
  // may), misaligned PC and watchpoints.
  [[nodiscard]] bool has_address() const noexcept;

  // Of the class, and of an abort's status; neither begins with a capital or ends with a full stop.
  [[nodiscard]] const char* class_words() const noexcept;
  [[nodiscard]] const char* fault_words() const noexcept;

  // All of it: "data abort: translation fault at level 2, writing".
  [[nodiscard]] Message words() const noexcept;

 private:
  std::uint64_t esr_;
};

}  // namespace enlighten::arch
