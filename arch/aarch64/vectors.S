// SPDX-License-Identifier: MIT
// The exception vectors ([arm] D1.3.1): every one of the sixteen is unexpected here and ends in a report.
#include "entry_layout.h"

    // A section each: the linker script fills the room between two of them with functions small enough for it.
    .macro  vector number
    .section .text.vectors.\number, "ax"
    .balign 128
    .if     \number == 0
    .globl  enlighten_vectors
    .hidden enlighten_vectors
enlighten_vectors:
    .endif
    .if     \number == 15
    .globl  enlighten_last_vector
    .hidden enlighten_last_vector
enlighten_last_vector:
    .endif
    // Two places to stand on: EL0's read-only thread register, which is then null, and the one that thread_local
    // variables are found by, which is put right again below.
    msr     tpidr_el0, x0
    msr     tpidrro_el0, x1
    mov     x0, #\number
    b       unexpected
    .endm

    vector  0
    vector  1
    vector  2
    vector  3
    vector  4
    vector  5
    vector  6
    vector  7
    vector  8
    vector  9
    vector  10
    vector  11
    vector  12
    vector  13
    vector  14
    vector  15

    .section .text.unexpected, "ax"
unexpected:
    cmp     x0, #4                      // synchronous, from EL1 with its own stack
    b.ne    1f
    mrs     x0, elr_el1
    adr     x1, enlighten_probe_instruction
    cmp     x0, x1
    b.eq    3f
    mov     x0, #4
    // The stack in use may be what failed: report from another one.
1:  mrs     x1, tpidr_el1
    cbz     x1, 2f
    ldr     x1, [x1, #LOCAL_EXCEPTION_STACK]
    b       4f
2:  adrp    x1, enlighten_boot_exception_stack_end
    add     x1, x1, :lo12:enlighten_boot_exception_stack_end
4:  sub     x1, x1, #FRAME_SIZE
    stp     x2, x3, [x1, #16]
    mov     x2, sp
    str     x2, [x1, #FRAME_SP]
    mov     sp, x1
    mrs     x2, tpidr_el0
    mrs     x3, tpidrro_el0
    msr     tpidrro_el0, xzr            // arch::cpu_trace(): what the report does is of no interest
    stp     x2, x3, [sp, #0]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
    str     x30, [sp, #240]
    mrs     x2, elr_el1
    mrs     x3, spsr_el1
    stp     x2, x3, [sp, #FRAME_ELR]
    mrs     x2, esr_el1
    mrs     x3, far_el1
    stp     x2, x3, [sp, #FRAME_ESR]
    str     x0, [sp, #FRAME_VECTOR]
    mrs     x2, tpidr_el1
    cbz     x2, 5f
    ldr     x2, [x2, #LOCAL_THREAD_POINTER]
    b       6f
5:  adrp    x2, enlighten_boot_thread_storage
    add     x2, x2, :lo12:enlighten_boot_thread_storage
6:  msr     tpidr_el0, x2
    mov     x0, sp
    bl      enlighten_exception
    brk     #0

// The probe for Xen: return behind the instruction with -ENOSYS.
3:  add     x0, x0, #4
    msr     elr_el1, x0
    mov     x0, #-38
    mrs     x1, tpidrro_el0
    msr     tpidrro_el0, xzr            // as it was: the probe comes before anything is recorded
    eret
