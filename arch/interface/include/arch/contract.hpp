// SPDX-License-Identifier: MIT
// What each backend provides, under these names; each backend compiles this once.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <abi/hypercall.hpp>
#include <arch/barriers.hpp>
#include <arch/cache.hpp>
#include <arch/counter.hpp>
#include <arch/hypercall.hpp>
#include <arch/mmio.hpp>
#include <arch/processor.hpp>
#include <arch/shared_access.hpp>
#include <arch/smccc.hpp>
#include <arch/timer.hpp>
#include <arch/translation.hpp>
#include <base/ids.hpp>

namespace enlighten::arch::contract {

// The concepts are over a type nobody needs, so that a backend that lacks a name fails at the concept which asks
// for it.

// A call to Xen: up to five arguments, each as wide as Xen reads them. Orders all earlier stores before what Xen
// does; clobbers nothing the compiler does not know of. Negative results are Xen's errno ([xen] errno.h).
template <typename>
concept Hypercalls = requires(abi::Hypercall number, std::uint64_t argument) {
  { hypercall(number) } noexcept -> std::same_as<std::int64_t>;
  { hypercall(number, argument) } noexcept -> std::same_as<std::int64_t>;
  { hypercall(number, argument, argument, argument, argument, argument) } noexcept -> std::same_as<std::int64_t>;
};

// A call to the firmware, by the conduit that the machine's description names. Orders stores as a hypercall does.
// smccc_translation_off() is for the call that does not return: what the firmware remembers of this CPU has its MMU
// off.
template <typename>
concept Firmware_calls = requires(Conduit conduit, std::uint32_t function, std::uint64_t argument) {
  { smccc(conduit, function, argument, argument, argument) } noexcept -> std::same_as<Smccc_result>;
};

// The CPU that executes. wait_for_interrupt() returns once an interrupt is pending, masked or not, and may return
// early; every store before it is visible to other CPUs meanwhile. wait_for_event() may return early. relax() is
// one turn of a bounded wait and gives other vCPUs a chance to run. wait_while_equal() returns a value other than
// the unwanted one, loaded with acquire order; whoever stores it with release order need do nothing more.
// cpu_local() and cpu_trace() are what set_cpu_local() and set_cpu_trace() on this CPU last said; the latter is
// null on a CPU that has just been turned on. before_shared_access() stands before each access to memory shared
// with Xen or another vCPU: nothing on a machine, a place to switch for whoever plays several.
template <typename>
concept Processor =
    requires(void* pointer, const std::uint32_t& word, std::uint32_t value, std::uint64_t frequency) {
      { current_mpidr() } noexcept -> std::same_as<Mpidr>;
      { wait_for_interrupt() } noexcept -> std::same_as<void>;
      { wait_for_event() } noexcept -> std::same_as<void>;
      { send_event() } noexcept -> std::same_as<void>;
      { start_event_stream(frequency) } noexcept -> std::same_as<void>;
      { relax() } noexcept -> std::same_as<void>;
      { before_shared_access(pointer) } noexcept -> std::same_as<void>;
      { wait_while_equal(word, value) } noexcept -> std::same_as<std::uint32_t>;
      { mask_interrupts() } noexcept -> std::same_as<void>;
      { unmask_interrupts() } noexcept -> std::same_as<void>;
      { interrupts_masked() } noexcept -> std::same_as<bool>;
      { cpu_local() } noexcept -> std::same_as<void*>;
      { set_cpu_local(pointer) } noexcept -> std::same_as<void>;
      { cpu_trace() } noexcept -> std::same_as<void*>;
      { set_cpu_trace(pointer) } noexcept -> std::same_as<void>;
    };

// One counter for all CPUs, never stepping back, not read early. The timer's interrupt is a level that stays until
// it is armed for later or disarmed.
template <typename>
concept Time = requires(std::uint64_t deadline) {
  { counter() } noexcept -> std::same_as<std::uint64_t>;
  { counter_frequency() } noexcept -> std::same_as<std::uint64_t>;
  { arm_timer(deadline) } noexcept -> std::same_as<void>;
  { disarm_timer() } noexcept -> std::same_as<void>;
  { timer_due() } noexcept -> std::same_as<bool>;
};

// Device registers: one access of exactly that width each, in order among themselves, which a hypervisor can
// emulate.
template <typename>
concept Device_registers = requires(std::uintptr_t address, std::uint32_t word, std::uint8_t byte) {
  { mmio_read32(address) } noexcept -> std::same_as<std::uint32_t>;
  { mmio_write32(address, word) } noexcept -> std::same_as<void>;
  { mmio_write8(address, byte) } noexcept -> std::same_as<void>;
};

// Order and agreement between memory and what is not: caches that another observer does not look into, instruction
// fetch, translation. Ranges are of any alignment; see each backend for what happens at a range's edges.
template <typename>
concept Coherence = requires(const void* start, std::size_t size, Tlb_maintenance owed) {
  { clean_to_coherency(start, size) } noexcept -> std::same_as<void>;
  { clean_and_invalidate_to_coherency(start, size) } noexcept -> std::same_as<void>;
  { invalidate_to_coherency(start, size) } noexcept -> std::same_as<void>;
  { synchronize_code(start, size) } noexcept -> std::same_as<void>;
  { publish_translations() } noexcept -> std::same_as<void>;
  { complete(owed) } noexcept -> std::same_as<void>;
  { store_barrier() } noexcept -> std::same_as<void>;
  { completion_barrier() } noexcept -> std::same_as<void>;
  { system_barrier() } noexcept -> std::same_as<void>;
  { store_order() } noexcept -> std::same_as<void>;
  { context_barrier() } noexcept -> std::same_as<void>;
};

struct Backend;

static_assert(Hypercalls<Backend>);
static_assert(Firmware_calls<Backend>);
static_assert(Processor<Backend>);
static_assert(Time<Backend>);
static_assert(Device_registers<Backend>);
static_assert(Coherence<Backend>);

}  // namespace enlighten::arch::contract
