// SPDX-License-Identifier: MIT
// An image header of the program's own, in place of the runtime's: vCPU 0 turns vCPU 3 on at the runtime's entry with
// the device tree as its context, and itself off. The runtime then boots on vCPU 3 as if nothing had been before.
    .section .head, "ax"
    .globl _start
    .hidden _start
_start:
    b       hand_over
    .long   0
    .quad   0
    .quad   enlighten_image_end - _start
    .quad   0b1010
    .quad   0
    .quad   0
    .quad   0
    .ascii  "ARM\x64"
    .long   0

hand_over:
    mov     x3, x0                          // context: the device tree
    movz    w0, #0x0003                     // CPU_ON, 64 bit
    movk    w0, #0xc400, lsl #16
    mov     x1, #3                          // affinity 3
    adrp    x2, enlighten_primary_entry
    add     x2, x2, :lo12:enlighten_primary_entry
    hvc     #0
    movz    w0, #0x0002                     // CPU_OFF
    movk    w0, #0x8400, lsl #16
    hvc     #0
    b       .
