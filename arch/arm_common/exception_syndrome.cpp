// SPDX-License-Identifier: MIT
// The words for exception classes and fault status codes.
#include <arch/exception_syndrome.hpp>

#include <base/text_table.hpp>

namespace enlighten::arch {
namespace {

constexpr Text_table class_texts{
    Text_of{Exception_class::unknown, "undefined instruction"},
    Text_of{Exception_class::wfi_or_wfe, "trapped WFI or WFE"},
    Text_of{Exception_class::vector_registers_off, "floating-point or SIMD instruction while those are off"},
    Text_of{Exception_class::branch_target, "branch to where none may go"},
    Text_of{Exception_class::illegal_state, "illegal execution state"},
    Text_of{Exception_class::supervisor_call, "supervisor call (SVC)"},
    Text_of{Exception_class::system_register, "trapped system register access"},
    Text_of{Exception_class::scalable_vector_off, "SVE instruction while SVE is off"},
    Text_of{Exception_class::pointer_authentication, "pointer authentication failure"},
    Text_of{Exception_class::instruction_abort_lower, "instruction abort from EL0"},
    Text_of{Exception_class::instruction_abort, "instruction abort"},
    Text_of{Exception_class::misaligned_pc, "misaligned program counter"},
    Text_of{Exception_class::data_abort_lower, "data abort from EL0"},
    Text_of{Exception_class::data_abort, "data abort"},
    Text_of{Exception_class::misaligned_sp, "misaligned stack pointer"},
    Text_of{Exception_class::floating_point, "trapped floating-point exception"},
    Text_of{Exception_class::system_error, "system error (SError)"},
    Text_of{Exception_class::breakpoint, "hardware breakpoint"},
    Text_of{Exception_class::breakpoint_lower, "hardware breakpoint"},
    Text_of{Exception_class::step, "single step"},
    Text_of{Exception_class::step_lower, "single step"},
    Text_of{Exception_class::watchpoint, "watchpoint"},
    Text_of{Exception_class::watchpoint_lower, "watchpoint"},
    Text_of{Exception_class::brk, "breakpoint instruction (BRK)"},
};

// [arm] D19.2 ESR_EL1, "ISS encoding for an exception from a Data Abort". The lowest two bits of the frequent ones
// are the level at which the walk ended.
constexpr Text_table leveled_fault_texts{
    Text_of{0x00, "address size fault"},
    Text_of{0x04, "translation fault"},
    Text_of{0x08, "access flag fault"},
    Text_of{0x0c, "permission fault"},
    Text_of{0x14, "external abort on a table walk"},
    Text_of{0x1c, "parity or ECC error on a table walk"},
};
constexpr Text_table fault_texts{
    Text_of{0x10, "external abort"},
    Text_of{0x11, "tag check fault"},
    Text_of{0x18, "parity or ECC error"},
    Text_of{0x21, "misaligned access"},
    Text_of{0x30, "TLB conflict"},
    Text_of{0x31, "unsupported atomic update of a table entry"},
    Text_of{0x34, "access not allowed on locked-down memory"},
    Text_of{0x35, "unsupported exclusive or atomic access"},
};

}  // namespace

bool Exception_syndrome::has_address() const noexcept {
  constexpr std::uint32_t external_abort = 0x10;
  switch (exception_class()) {
    case Exception_class::instruction_abort:
    case Exception_class::instruction_abort_lower:
    case Exception_class::data_abort:
    case Exception_class::data_abort_lower:
      return fault_status() != external_abort || (specifics() & 1U << 10) == 0;
    case Exception_class::misaligned_pc:
    case Exception_class::watchpoint:
    case Exception_class::watchpoint_lower:
      return true;
    default:
      return false;
  }
}

const char* Exception_syndrome::class_words() const noexcept {
  return class_texts.find(exception_class(), "exception of an unknown class");
}

const char* Exception_syndrome::fault_words() const noexcept {
  const char* const otherwise = fault_texts.find(fault_status(), "fault of an unknown status");
  return leveled_fault_texts.find(fault_status() & 0x3c, otherwise);
}

Message Exception_syndrome::words() const noexcept {
  Message text;
  text.append("%s", class_words());
  if (is_data_abort() || is_instruction_abort()) {
    text.append(": %s", fault_words());
    const std::uint32_t kind = fault_status() & 0x3c;
    if (kind < 0x10 || kind == 0x14 || kind == 0x1c) {
      text.append(" at level %u", static_cast<unsigned>(fault_status() & 3));
    }
    if (is_cache_maintenance()) {
      text.append(", by cache maintenance");
    } else if (is_data_abort()) {
      text.append(", %s", is_write() ? "writing" : "reading");
    }
  } else if (exception_class() == Exception_class::brk) {
    text.append(", comment %#x", static_cast<unsigned>(specifics() & 0xffff));
  } else if (exception_class() == Exception_class::supervisor_call) {
    text.append(", number %#x", static_cast<unsigned>(specifics() & 0xffff));
  }
  return text;
}

}  // namespace enlighten::arch
