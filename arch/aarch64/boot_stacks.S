// SPDX-License-Identifier: MIT
// Where the boot CPU stands until it has stacks with guard pages: one to run on, one for its exceptions.
    .bss
    .balign 16
    .skip   6144
    .globl  enlighten_boot_stack_end
    .hidden enlighten_boot_stack_end
enlighten_boot_stack_end:
    .skip   2048
    .globl  enlighten_boot_exception_stack_end
    .hidden enlighten_boot_exception_stack_end
enlighten_boot_exception_stack_end:
