// SPDX-License-Identifier: MIT
// A place in a program up to which instructions are counted: a NOP to every CPU, seen by bench/counter.
#pragma once

#include <cstdint>

namespace enlighten::bench {

// HINT #0x60 and above are allocated to nothing ([arm] C6.2.96) and do nothing. `name` has no spaces.
#define ENLIGHTEN_BENCH_MARK(kind, name, value)                                              \
  do {                                                                                       \
    register const char* mark_name asm("x0") = (name);                                       \
    register std::uint64_t mark_value asm("x1") = (value);                                   \
    asm volatile("hint #0x60 + %0" ::"i"(kind), "r"(mark_name), "r"(mark_value) : "memory"); \
  } while (false)

// What lies between is `count` times `name`.
inline void begin(const char* name, std::uint64_t count) {
  ENLIGHTEN_BENCH_MARK(0, name, count);
}
inline void end(const char* name, std::uint64_t count) {
  ENLIGHTEN_BENCH_MARK(1, name, count);
}
// All that was executed since the guest's first instruction.
inline void reached(const char* name) {
  ENLIGHTEN_BENCH_MARK(2, name, 1);
}
// A figure that the program itself has found.
inline void found(const char* name, std::uint64_t value) {
  ENLIGHTEN_BENCH_MARK(3, name, value);
}

}  // namespace enlighten::bench
