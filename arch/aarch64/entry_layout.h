// SPDX-License-Identifier: MIT
// What entry.S and vectors.S know of the layout of C++ structures; start.cpp asserts every line of it.
#pragma once

// SCTLR_EL1 with MMU and caches off: the bits that are RES1 in Armv8.0.
#define SCTLR_MMU_OFF 0x30d00800
// and with M, C, SA, I, and WXN.
#define SCTLR_MMU_ON 0x30d8180d

#define TRANSLATION_TABLE 0
#define TRANSLATION_ATTRIBUTES 16
#define TRANSLATION_SIZE 24

#define ENTRY_RECORDS 24

#define RECORD_MPIDR 0
#define RECORD_STACK 8
#define RECORD_SIZE 24

#define LOCAL_EXCEPTION_STACK 0
#define LOCAL_THREAD_POINTER 8

#define FRAME_SP 248
#define FRAME_ELR 256
#define FRAME_ESR 272
#define FRAME_VECTOR 288
#define FRAME_SIZE 304
