// SPDX-License-Identifier: MIT
// The first 64 bytes of an arm64 Image ([linux] booting.rst), which Xen, QEMU and boot loaders look for.
    .section .head, "ax"
    .globl _start
    .hidden _start
_start:
    b       enlighten_primary_entry
    .long   0
    .quad   0                           // text_offset: any address will do
    .quad   enlighten_image_end - _start
    .quad   0b1010                      // little endian, 4 KiB pages, anywhere in physical memory
    .quad   0
    .quad   0
    .quad   0
    .ascii  "ARM\x64"
    .long   0
