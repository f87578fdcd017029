// SPDX-License-Identifier: MIT
// From reset to C++: the boot CPU's entry and every other CPU's, each started with the MMU off at EL1 or EL2.
#include "entry_layout.h"

    .macro  address register, symbol
    adrp    \register, \symbol
    add     \register, \register, :lo12:\symbol
    .endm

    .macro  constant register, value            // of 32 bits
    mov     \register, #((\value) & 0xffff)
    movk    \register, #((\value) >> 16), lsl #16
    .endm

// Leaves EL2, if that is where we are, for EL1: a guest has no use for it. Clobbers x0.
// Every register of EL2 that EL1 can feel is written: their reset values are UNKNOWN ([arm] D19).
    .macro  leave_el2
    mrs     x0, CurrentEL
    cmp     x0, #(2 << 2)
    b.ne    9f
    mov     x0, #(1 << 31)              // HCR_EL2.RW: EL1 is AArch64; nothing is trapped
    msr     hcr_el2, x0
    mov     x0, #0x33ff                 // CPTR_EL2: RES1 bits; no trap of floating point
    msr     cptr_el2, x0
    msr     hstr_el2, xzr
    msr     vttbr_el2, xzr
    mov     x0, #3                      // CNTHCTL_EL2: EL1 may use the physical counter and timer
    msr     cnthctl_el2, x0
    msr     cntvoff_el2, xzr
    mrs     x0, midr_el1
    msr     vpidr_el2, x0
    mrs     x0, mpidr_el1
    msr     vmpidr_el2, x0
    mrs     x0, id_aa64pfr0_el1
    ubfx    x0, x0, #24, #4             // GIC: system registers are there
    cbz     x0, 8f
    mov     x0, #0b1001                 // ICC_SRE_EL2: SRE, and EL1 may set its own
    msr     S3_4_C12_C9_5, x0
    isb
    msr     S3_4_C12_C11_0, xzr         // ICH_HCR_EL2: no virtual interrupts
8:  mov     x0, #0x3c5                  // SPSR_EL2: EL1h, D A I F masked
    msr     spsr_el2, x0
    adr     x0, 9f
    msr     elr_el2, x0
    eret
9:
    .endm

// The known state of EL1 before anything else. A CPU that PSCI turned on may carry registers of its earlier life
// (Xen's CPU_ON can overtake its own CPU_OFF), the MMU on among them: all of them are written, none is read.
// The code is mapped at its own address in every table there is, so that the step from MMU on to off is safe.
    .macro  reset_el1
    msr     daifset, #0xf
    msr     spsel, #1
    constant x0, SCTLR_MMU_OFF
    msr     sctlr_el1, x0
    isb
    address x0, enlighten_vectors
    msr     vbar_el1, x0
    msr     tpidr_el1, xzr
    msr     tpidrro_el0, xzr            // arch::cpu_trace()
    mov     x0, #(3 << 20)              // CPACR_EL1.FPEN: floating point is not trapped
    msr     cpacr_el1, x0
    msr     cntv_ctl_el0, xzr
    msr     mdscr_el1, xzr
    isb
    .endm

// Turns translation on with the registers that x0 points to (struct Translation). Clobbers x1 to x4.
    .macro  enable_translation
    ldp     x1, x2, [x0, #TRANSLATION_TABLE]    // table, control
    ldr     x3, [x0, #TRANSLATION_ATTRIBUTES]
    constant x4, SCTLR_MMU_ON
    msr     mair_el1, x3
    msr     tcr_el1, x2
    msr     ttbr0_el1, x1
    isb
    // Nothing cached from an earlier life of this CPU may serve the new tables ([arm] D8.14); instructions may have
    // been fetched as stale lines before the loader wrote them.
    tlbi    vmalle1
    ic      iallu
    dsb     nsh
    isb
    msr     sctlr_el1, x4
    isb
    .endm

    .section .text.entry, "ax"
// Drops the cache lines of x0 to x1, both multiples of the largest line, unwritten ([arm] B2.8). Clobbers x2, x3.
invalidate:
    mrs     x2, ctr_el0
    ubfx    x2, x2, #16, #4             // DminLine, log2 of words
    mov     x3, #4
    lsl     x3, x3, x2
1:  dc      ivac, x0
    add     x0, x0, x3
    cmp     x0, x1
    b.lo    1b
    dsb     sy
    ret

    .globl  enlighten_primary_entry
    .hidden enlighten_primary_entry
// x0: physical address of the device tree ([linux] booting.rst; Xen does the same).
//
// What lies where: the loader put the file at _start; from enlighten_zeroed to enlighten_image_end the file does not
// reach. A loader that reads image_size in the header keeps that clear. Xen does not read it. It places device tree and
// initrd on addresses of 2 MiB above the file's end, rounded up to 2 MiB, or below the image ([xen] arm/kernel.c,
// place_modules()), so that nothing of ours is hit while the image ends in the same 2 MiB that its file ends in. For
// all other cases: a device tree in our way is moved out of it, and memory.cpp refuses an initrd that was.
enlighten_primary_entry:
    mov     x19, x0
    mrs     x21, CurrentEL
    leave_el2
    reset_el1

    tst     x19, #7
    b.ne    3f
    cbz     x19, 3f
    ldr     w4, [x19, #4]               // totalsize, big endian ([dt] 5.2)
    rev     w4, w4
    add     x4, x4, #7
    and     x4, x4, #~7
    address x5, enlighten_zeroed
    address x6, enlighten_image_end
    add     x7, x19, x4
    cmp     x7, x5
    b.ls    3f
    cmp     x19, x6
    b.hs    3f
    add     x8, x6, x4                  // to behind the image, from its last word on, for the two may overlap
2:  ldr     x9, [x7, #-8]!
    str     x9, [x8, #-8]!
    cmp     x7, x19
    b.hi    2b
    mov     x19, x8
3:
    // Memory behind the file may be in a cache, even dirty, as whoever had it before left it. Written back later, it
    // would undo what is stored past the caches from here on: drop it first.
    address x0, enlighten_zeroed
    and     x0, x0, #~4095
    address x1, enlighten_data
    cmp     x0, x1
    b.hs    4f
    mov     x0, x1
4:  address x1, enlighten_image_end
    bl      invalidate
    address x0, enlighten_zeroed
    address x1, enlighten_image_end
5:  stp     xzr, xzr, [x0], #16
    cmp     x0, x1
    b.lo    5b

    address x0, enlighten_entry_level
    str     x21, [x0]

    // Apply the R_AARCH64_RELATIVE relocations, the only kind a static PIE without symbols has. Running twice over
    // the same image gives the same result: addresses are computed from the addend, not from what stands there.
    address x1, enlighten_relocations
    address x2, enlighten_relocations_end
    address x3, _start
6:  cmp     x1, x2
    b.hs    7f
    ldp     x4, x5, [x1], #16           // offset, info
    ldr     x6, [x1], #8                // addend
    cmp     w5, #1027
    b.ne    6b
    add     x6, x6, x3
    str     x6, [x3, x4]
    b       6b
7:
    address x0, enlighten_boot_stack_end
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    mov     x0, x19
    bl      enlighten_early_tables      // returns what enable_translation reads
    mov     x20, x0

    // What was written above went past the caches. The file's lines are clean, as the loader left them, and the rest
    // was dropped; but a line may have been fetched since, before or between our stores, and would now be stale:
    // drop all of them before the caches are turned on.
    address x0, _start
    address x1, enlighten_image_end
    bl      invalidate

    mov     x0, x20
    enable_translation
    mov     x0, x19
    bl      enlighten_start
    brk     #0

    .section .text.secondary_entry, "ax"
    .globl  enlighten_secondary_entry
    .hidden enlighten_secondary_entry
// A CPU turned on by PSCI. x0 should be the context we gave and is not trusted: who this is, only MPIDR_EL1 says.
enlighten_secondary_entry:
    leave_el2
    reset_el1
    // The boot CPU cleaned this block to the point of coherency: it is read here past the caches.
    address x0, enlighten_entry_block
    enable_translation
    // With the caches on, what other CPUs wrote is seen: find this CPU's own record by its affinity.
    mrs     x1, mpidr_el1
    and     x2, x1, #0xff00000000
    and     x1, x1, #0x0000ffffff
    orr     x1, x1, x2
    ldp     x2, x3, [x0, #ENTRY_RECORDS]        // records, count
4:  cbz     x3, 5f
    ldr     x4, [x2, #RECORD_MPIDR]
    cmp     x4, x1
    b.eq    6f
    add     x2, x2, #RECORD_SIZE
    sub     x3, x3, #1
    b       4b
5:  wfi                                 // a CPU the description does not have: it can only wait
    b       5b
6:  ldp     x4, x0, [x2, #RECORD_STACK]         // stack, cpu-local
    mov     sp, x4
    msr     tpidr_el1, x0
    mov     x29, xzr
    mov     x30, xzr
    bl      enlighten_start_secondary
    brk     #0

    .section .text.switch, "ax"
    .globl  enlighten_switch_tables
    .hidden enlighten_switch_tables
// void enlighten_switch_tables(const Translation*, stack, void (*next)())
// From one set of tables to another that maps the same addresses with other sizes: without the MMU in between, so
// that no two translations of one address can ever be cached at once ([arm] D8.14.1, break before make).
enlighten_switch_tables:
    mov     x5, x1
    mov     x6, x2
    // The block and the code are read with the MMU off: clean what we wrote of them to the point of coherency.
    dc      cvac, x0
    add     x7, x0, #(TRANSLATION_SIZE - 8)
    dc      cvac, x7
    dsb     sy
    constant x1, SCTLR_MMU_OFF
    msr     sctlr_el1, x1
    isb
    enable_translation
    mov     sp, x5
    mov     x29, xzr
    mov     x30, xzr
    blr     x6
    brk     #0

    .section .text.leave, "ax"
    .globl  enlighten_leave
    .hidden enlighten_leave
// void enlighten_leave(std::uint64_t function, std::uint64_t conduit_is_smc)
// PSCI CPU_OFF with the MMU already off: should this CPU be turned on again before Xen has let go of its registers,
// the state it inherits is the state PSCI promises ([psci] 5.5).
enlighten_leave:
    constant x2, SCTLR_MMU_OFF
    dsb     sy
    msr     sctlr_el1, x2
    isb
    cbnz    x1, 7f
    hvc     #0
    b       8f
7:  smc     #0
8:  wfi
    b       8b

    .section .text.probe, "ax"
    .globl  enlighten_probe_hypercall
    .hidden enlighten_probe_hypercall
    .globl  enlighten_probe_instruction
    .hidden enlighten_probe_instruction
// std::int64_t enlighten_probe_hypercall(): Xen's version, or an error where there is no Xen. An HVC that nobody
// handles is undefined at EL1; the vectors know this one instruction and step over it with -ENOSYS in x0.
// Started at EL2, we left that level empty: the call would end there, and there is no Xen for sure.
enlighten_probe_hypercall:
    adrp    x0, enlighten_entry_level
    ldr     x0, [x0, :lo12:enlighten_entry_level]
    cmp     x0, #(2 << 2)
    b.ne    1f
    mov     x0, #-38                    // -ENOSYS
    ret
1:  mov     x16, #17                    // xen_version
    mov     x0, #0                      // XENVER_version
    mov     x1, #0
enlighten_probe_instruction:
    hvc     #0xea1
    ret

    .bss
    .balign 8
enlighten_entry_level:                  // CurrentEL as the boot CPU found it
    .skip   8
