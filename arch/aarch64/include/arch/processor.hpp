// SPDX-License-Identifier: MIT
// The CPU that executes this: who it is, how it waits, whether it takes interrupts, what it calls its own.
#pragma once

#include <cstdint>

#include <base/ids.hpp>

namespace enlighten::arch {

// Not volatile: the value never changes on one CPU, and nothing here moves between CPUs in the middle of a
// function.
[[nodiscard]] inline Mpidr current_mpidr() noexcept {
  std::uint64_t raw;
  asm("mrs %0, mpidr_el1" : "=r"(raw));
  return mpidr_from_register(raw);
}

// Sleeps until an interrupt is pending for this CPU, masked at PSTATE or not, or returns for no reason at all
// ([arm] D1.7.2). DSB first: WFI does not wait for stores, and this CPU's last ones may be what lets another one
// (or the GIC, told of a completed interrupt) send the interrupt that is waited for; nothing else would push them
// out once the core's clock stops.
inline void wait_for_interrupt() noexcept {
  asm volatile("dsb sy\n\twfi" : : : "memory");
}

// Sleeps until this CPU's event register is set: by send_event(), by another CPU's store to a word this one holds
// exclusively, by the event stream, or by an interrupt that PSTATE does not mask ([arm] D1.7.1).
inline void wait_for_event() noexcept {
  asm volatile("wfe" : : : "memory");
}

// Wakes every CPU from wait_for_event(). DSB first: SEV is not ordered after stores, and a CPU woken before it can
// see the new value goes back to sleep for good.
inline void send_event() noexcept {
  asm volatile("dsb ishst\n\tsev" : : : "memory");
}

// Lets the timer set the event register at least every 100 us or so ([arm] D11.2.3), which is what bounds relax().
// CNTKCTL_EL1: EVNTEN bit 2, EVNTI bits 7:4 the counter bit whose 0 to 1 change is the event; EL0 gets nothing.
inline void start_event_stream(std::uint64_t counter_frequency) noexcept {
  std::uint64_t bit = 0;
  while (bit < 15 && (counter_frequency >> (bit + 2)) > 10'000) {
    ++bit;
  }
  asm volatile("msr cntkctl_el1, %0\n\tisb" : : "r"(bit << 4 | 1U << 2) : "memory");
}

// One turn of a loop that waits for something other than a word in memory: a device's bit, another CPU going off.
// A vCPU that spins may be burning the very time slice that the awaited vCPU needs. YIELD is a no-operation on most
// cores and never traps; WFE is trapped by Xen, which then gives the physical CPU to the next vCPU, and on bare
// metal it saves power. But WFE returns only for an event, and here nobody promises one: only the event stream
// does. Before start_event_stream(), then, YIELD.
inline void relax() noexcept {
  std::uint64_t control;
  asm volatile("mrs %0, cntkctl_el1" : "=r"(control));
  if ((control & 1U << 2) != 0) {
    asm volatile("wfe" : : : "memory");
  } else {
    asm volatile("yield" : : : "memory");
  }
}

// Waits until `word` no longer equals `unwanted` and returns what it is then, loaded with acquire order.
// The load-exclusive arms this CPU's monitor: the other CPU's store clears it, which sets the event register, even
// when it falls between the load and the WFE, so no wake-up is lost and no SEV is needed ([arm] B2.12.2). Under Xen
// the WFE gives the physical CPU away, as in relax(). The word must lie in Normal cacheable memory with the MMU on:
// elsewhere exclusives need not work.
[[nodiscard]] inline std::uint32_t wait_while_equal(const std::uint32_t& word, std::uint32_t unwanted) noexcept {
  std::uint32_t value;
  asm volatile(
      "1:\tldaxr %w0, %1\n\t"
      "cmp %w0, %w2\n\t"
      "b.ne 2f\n\t"
      "wfe\n\t"
      "b 1b\n"
      "2:"
      : "=&r"(value)
      : "Q"(word), "r"(unwanted)
      : "cc", "memory");
  return value;
}

// PSTATE.I, of this CPU only. "memory" keeps a masked section's accesses inside it.
inline void mask_interrupts() noexcept {
  asm volatile("msr daifset, #2" : : : "memory");
}
inline void unmask_interrupts() noexcept {
  asm volatile("msr daifclr, #2" : : : "memory");
}
[[nodiscard]] inline bool interrupts_masked() noexcept {
  std::uint64_t flags;
  asm volatile("mrs %0, daif" : "=r"(flags) : : "memory");
  return (flags & 1U << 7) != 0;
}

// One pointer for the use of whoever runs this CPU, in TPIDR_EL1; unknown until set. Volatile keeps the two in
// order.
[[nodiscard]] inline void* cpu_local() noexcept {
  void* pointer;
  asm volatile("mrs %0, tpidr_el1" : "=r"(pointer));
  return pointer;
}
// Where this CPU's copies of thread_local variables are: a control block of 16 bytes, then they ([aapcs64] TLS).
inline void set_thread_pointer(void* pointer) noexcept {
  asm volatile("msr tpidr_el0, %0" : : "r"(pointer) : "memory");
}
inline void set_cpu_local(void* pointer) noexcept {
  asm volatile("msr tpidr_el1, %0" : : "r"(pointer) : "memory");
}

// Another one, in TPIDRRO_EL0, which is ours as nothing runs at EL0: null on a CPU that has just been turned on,
// and after an exception, whose vectors need the register.
[[nodiscard]] inline void* cpu_trace() noexcept {
  void* pointer;
  asm volatile("mrs %0, tpidrro_el0" : "=r"(pointer));
  return pointer;
}
inline void set_cpu_trace(void* pointer) noexcept {
  asm volatile("msr tpidrro_el0, %0" : : "r"(pointer) : "memory");
}

}  // namespace enlighten::arch
