// SPDX-License-Identifier: MIT
// The vCPU that the current thread plays: who it is, how it waits, whether it takes interrupts, what it calls its
// own.
#pragma once

#include <atomic>
#include <cstdint>

#include <arch/hosted_machine.hpp>
#include <base/ids.hpp>

namespace enlighten::arch {

[[nodiscard]] inline Mpidr current_mpidr() noexcept {
  return hosted::current_machine("current_mpidr").current_mpidr();
}

inline void wait_for_interrupt() noexcept {
  hosted::current_machine("wait_for_interrupt").wait_for_interrupt();
}
inline void wait_for_event() noexcept {
  hosted::current_machine("wait_for_event").wait_for_event();
}
inline void send_event() noexcept {
  hosted::current_machine("send_event").send_event();
}
inline void relax() noexcept {
  hosted::current_machine("relax").relax();
}

// A machine's relax() is bounded by nature: there is no core to stop.
inline void start_event_stream(std::uint64_t /*counter_frequency*/) noexcept {}

[[nodiscard]] inline std::uint32_t wait_while_equal(const std::uint32_t& word, std::uint32_t unwanted) noexcept {
  // std::atomic_ref of a const object came later than C++23; nothing is stored through it.
  const std::atomic_ref<std::uint32_t> shared{const_cast<std::uint32_t&>(word)};
  std::uint32_t value = shared.load(std::memory_order_acquire);
  while (value == unwanted) {
    relax();
    value = shared.load(std::memory_order_acquire);
  }
  return value;
}

inline void mask_interrupts() noexcept {
  hosted::current_machine("mask_interrupts").mask_interrupts();
}
inline void unmask_interrupts() noexcept {
  hosted::current_machine("unmask_interrupts").unmask_interrupts();
}
[[nodiscard]] inline bool interrupts_masked() noexcept {
  return hosted::current_machine("interrupts_masked").interrupts_masked();
}

// thread_local variables are the host's own: a copy for each of its threads.
inline void set_thread_pointer(void* /*pointer*/) noexcept {}

[[nodiscard]] inline void* cpu_local() noexcept {
  return hosted::current_machine("cpu_local").cpu_local;
}
inline void set_cpu_local(void* pointer) noexcept {
  hosted::current_machine("set_cpu_local").cpu_local = pointer;
}

// Without a machine, as in a test of a part by itself, nothing is recorded.
[[nodiscard]] inline void* cpu_trace() noexcept {
  const hosted::Machine* const machine = hosted::machine_if_any();
  return machine == nullptr ? nullptr : machine->cpu_trace;
}
inline void set_cpu_trace(void* pointer) noexcept {
  hosted::current_machine("set_cpu_trace").cpu_trace = pointer;
}

}  // namespace enlighten::arch
