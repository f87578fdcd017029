// SPDX-License-Identifier: MIT
// An image header of the program's own, in place of the runtime's: it copies the device tree to where the image's
// zeroed memory will be, behind the file, as a loader that reserves the file's length only might place it.
    .section .head, "ax"
    .globl _start
    .hidden _start
_start:
    b       move_tree
    .long   0
    .quad   0
    .quad   enlighten_image_end - _start
    .quad   0b1010
    .quad   0
    .quad   0
    .quad   0
    .ascii  "ARM\x64"
    .long   0

move_tree:
    ldr     w1, [x0, #4]                    // totalsize, big endian
    rev     w1, w1
    adrp    x2, enlighten_zeroed
    add     x2, x2, :lo12:enlighten_zeroed
    add     x2, x2, #15
    and     x2, x2, #~15
    mov     x3, x2
    add     x4, x0, x1
1:  ldr     x5, [x0], #8
    str     x5, [x3], #8
    cmp     x0, x4
    b.lo    1b
    mov     x0, x2
    b       enlighten_primary_entry
