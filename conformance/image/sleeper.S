// SPDX-License-Identifier: MIT
// What a vCPU does that a case has turned on: without an MMU and without a stack, it notes that it runs, stores a word
// if it was told where, and waits.
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
    str     x0, [x2, #8]                    // the context, then "awake"
    dmb     sy
    str     x3, [x2]
    ldr     x5, [x2, #136]                  // "store_to"
    cbz     x5, 1f
    str     x3, [x5]                        // it may be long until this is done
    dmb     sy
    str     x3, [x2, #16]                   // "stored"
1:  yield
    ldr     x3, [x2, #128]                  // "dismissed"
    cbz     x3, 1b
    movz    w0, #0x0002                     // CPU_OFF
    movk    w0, #0x8400, lsl #16
    hvc     #0
    b       .
    .size enlighten_sleeper, . - enlighten_sleeper

// Every exception is counted, and what took it is tried again. x2 is the bed from before the first access on.
    .balign 2048
enlighten_sleeper_vectors:
    .rept   16
    .balign 128
    ldr     x6, [x2, #24]                   // "exceptions"
    add     x6, x6, #1
    str     x6, [x2, #24]
    eret
    .endr
    .balign 128
