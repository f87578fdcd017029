// SPDX-License-Identifier: MIT
// What a vCPU does that a case has turned on: without an MMU and without a stack, it notes that it runs, does its task
// if it has one, and waits.
//
// Its place among enlighten_beds is found by Aff0, not by the context: Xen may lose that. The offsets are those of Bed
// in machine.cpp.
    .section .text.enlighten_sleeper, "ax"
    .globl enlighten_sleeper
    .hidden enlighten_sleeper
    .type enlighten_sleeper, %function
enlighten_sleeper:
    mrs     x1, mpidr_el1
    and     x1, x1, #0xf
    adrp    x2, enlighten_beds
    add     x2, x2, :lo12:enlighten_beds
    add     x2, x2, x1, lsl #8
    adrp    x4, enlighten_sleeper_vectors
    add     x4, x4, :lo12:enlighten_sleeper_vectors
    msr     vbar_el1, x4
    isb
    mov     x3, #1
    mov     x8, #0                          // an instruction that fails is tried again
    str     x0, [x2, #8]                    // the context, then "awake"
    dmb     sy
    str     x3, [x2]
    ldr     x4, [x2, #136]                  // "task"
    cbz     x4, 1f
    blr     x4
1:  yield
    ldr     x3, [x2, #128]                  // "dismissed"
    cbz     x3, 1b
    movz    w0, #0x0002                     // CPU_OFF
    movk    w0, #0x8400, lsl #16
    hvc     #0
    b       .
    .size enlighten_sleeper, . - enlighten_sleeper

// The tasks, each with x2 the bed and x3 one. They leave x2, x3 and x30 as they are, and say when they are done.

    .globl enlighten_sleeper_stores
    .hidden enlighten_sleeper_stores
    .type enlighten_sleeper_stores, %function
enlighten_sleeper_stores:
    ldr     x5, [x2, #144]                  // "argument": where to
    str     x3, [x5]                        // it may be long until this is done
    dmb     sy
    str     x3, [x2, #16]                   // "done"
    ret
    .size enlighten_sleeper_stores, . - enlighten_sleeper_stores

    .globl enlighten_sleeper_calls
    .hidden enlighten_sleeper_calls
    .type enlighten_sleeper_calls, %function
enlighten_sleeper_calls:
    mov     x8, #4                          // an instruction that fails is passed over
    hvc     #0x1234
    mov     x8, #0
    str     x3, [x2, #16]                   // "done"
    ret
    .size enlighten_sleeper_calls, . - enlighten_sleeper_calls

// Writes what it is told into registers of the interrupt controller. Version 2 has its CPU interface there, too;
// version 3 has it in system registers ([gic] 12.2), by their encodings as in arch/gic_registers.hpp.
    .globl enlighten_sleeper_takes
    .hidden enlighten_sleeper_takes
    .type enlighten_sleeper_takes, %function
enlighten_sleeper_takes:
    add     x4, x2, #152                    // "registers"
1:  ldp     x5, x6, [x4], #16
    cbz     x5, 2f
    str     w6, [x5]
    b       1b
2:  ldr     x7, [x2, #144]                  // "argument": GICC_IAR, or version 3
    cbnz    x7, 3f
    msr     s3_0_c12_c12_5, x3              // ICC_SRE_EL1
    isb                                     // the others are there once this one says so
    mov     x5, #0xf0
    msr     s3_0_c4_c6_0, x5                // ICC_PMR_EL1
    msr     s3_0_c12_c12_7, x3              // ICC_IGRPEN1_EL1
    isb
3:  dsb     sy                              // the controller knows before anybody else is told
    str     x3, [x2, #16]                   // "done"
4:  cbnz    x7, 5f
    mrs     x5, s3_0_c12_c12_0              // ICC_IAR1_EL1
    b       6f
5:  ldr     w5, [x7]
6:  and     w6, w5, #0x3ff
    cmp     w6, #1020
    b.hs    8f                              // nothing is pending ([gic] 2.2.1)
    cbnz    x7, 7f
    msr     s3_0_c12_c12_1, x5              // ICC_EOIR1_EL1
    isb
    b       9f
7:  str     w5, [x7, #4]                    // GICC_EOIR
9:  ldr     x6, [x2, #32]                   // "interrupts"
    add     x6, x6, #1
    str     x6, [x2, #32]
8:  yield
    ldr     x6, [x2, #128]                  // "dismissed"
    cbz     x6, 4b
    ret
    .size enlighten_sleeper_takes, . - enlighten_sleeper_takes

// Every exception is counted, and what took it is tried again or passed over. x2 is the bed from before the first
// access on.
    .balign 2048
enlighten_sleeper_vectors:
    .rept   16
    .balign 128
    mrs     x6, esr_el1
    str     x6, [x2, #40]                   // "syndrome", then "exceptions"
    ldr     x6, [x2, #24]
    add     x6, x6, #1
    str     x6, [x2, #24]
    mrs     x6, elr_el1
    add     x6, x6, x8
    msr     elr_el1, x6
    eret
    .endr
    .balign 128
