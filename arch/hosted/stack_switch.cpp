// SPDX-License-Identifier: MIT
// Going on on another stack: by hand where we know the host's calling convention, else by the C library.
#include <arch/stack_switch.hpp>

#include <cstddef>
#include <cstdint>
#include <new>

#if defined(__x86_64__)

// What a function must leave as it found it lies on the stack it leaves: six registers, and the control bits of the
// two floating-point units (System V ABI, AMD64 supplement, 3.2.1 and 3.2.3). Both stacks look alike there, so that
// the unwinder's description holds on either side.
asm(".pushsection .text\n"
    ".globl enlighten_switch_stack\n"
    ".type enlighten_switch_stack, @function\n"
    "enlighten_switch_stack:\n"
    ".cfi_startproc\n"
    "  pushq %rbp\n"
    ".cfi_adjust_cfa_offset 8\n"
    ".cfi_rel_offset %rbp, 0\n"
    "  pushq %rbx\n"
    ".cfi_adjust_cfa_offset 8\n"
    ".cfi_rel_offset %rbx, 0\n"
    "  pushq %r12\n"
    ".cfi_adjust_cfa_offset 8\n"
    ".cfi_rel_offset %r12, 0\n"
    "  pushq %r13\n"
    ".cfi_adjust_cfa_offset 8\n"
    ".cfi_rel_offset %r13, 0\n"
    "  pushq %r14\n"
    ".cfi_adjust_cfa_offset 8\n"
    ".cfi_rel_offset %r14, 0\n"
    "  pushq %r15\n"
    ".cfi_adjust_cfa_offset 8\n"
    ".cfi_rel_offset %r15, 0\n"
    "  subq $8, %rsp\n"
    ".cfi_adjust_cfa_offset 8\n"
    "  stmxcsr (%rsp)\n"
    "  fnstcw 4(%rsp)\n"
    "  movq %rsp, (%rdi)\n"
    "  movq %rsi, %rsp\n"
    "  ldmxcsr (%rsp)\n"
    "  fldcw 4(%rsp)\n"
    "  addq $8, %rsp\n"
    ".cfi_adjust_cfa_offset -8\n"
    "  popq %r15\n"
    ".cfi_adjust_cfa_offset -8\n"
    ".cfi_restore %r15\n"
    "  popq %r14\n"
    ".cfi_adjust_cfa_offset -8\n"
    ".cfi_restore %r14\n"
    "  popq %r13\n"
    ".cfi_adjust_cfa_offset -8\n"
    ".cfi_restore %r13\n"
    "  popq %r12\n"
    ".cfi_adjust_cfa_offset -8\n"
    ".cfi_restore %r12\n"
    "  popq %rbx\n"
    ".cfi_adjust_cfa_offset -8\n"
    ".cfi_restore %rbx\n"
    "  popq %rbp\n"
    ".cfi_adjust_cfa_offset -8\n"
    ".cfi_restore %rbp\n"
    "  ret\n"
    ".cfi_endproc\n"
    ".size enlighten_switch_stack, . - enlighten_switch_stack\n"
    ".popsection");

extern "C" void enlighten_switch_stack(void** left_at, void* go_on_at);

namespace enlighten::arch::hosted {

void Stack_place::begin_at(std::byte* stack, std::size_t size, void (*entry)()) {
  // As the code above leaves a stack that has called it from `entry`'s first instruction. A caller's address of 0
  // is where unwinding ends, and behind it the stack is aligned as behind a call.
  constexpr std::uint64_t as_a_program_starts = 0x037f'0000'1f80;
  constexpr std::size_t registers = 6;
  struct Frame {
    std::uint64_t control = as_a_program_starts;
    std::uint64_t saved[registers] = {};
    void (*entry)();
    std::uint64_t caller = 0;
  };
  top_ = new (stack + size - sizeof(Frame)) Frame{.entry = entry};
}

void Stack_place::go(Stack_place& from, Stack_place& to) {
  enlighten_switch_stack(&from.top_, to.top_);
}

}  // namespace enlighten::arch::hosted

#else

namespace enlighten::arch::hosted {

void Stack_place::begin_at(std::byte* stack, std::size_t size, void (*entry)()) {
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack;
  context_.uc_stack.ss_size = size;
  context_.uc_link = nullptr;
  makecontext(&context_, entry, 0);
}

void Stack_place::go(Stack_place& from, Stack_place& to) {
  swapcontext(&from.context_, &to.context_);
}

}  // namespace enlighten::arch::hosted

#endif
