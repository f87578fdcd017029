// SPDX-License-Identifier: MIT
// Which machine a thread runs on, and what becomes of a program that uses what its machine does not have.
#include <cstdio>
#include <cstdlib>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch::hosted {
namespace {

// A thread is the vCPU, so what would be a register of the CPU's is the thread's.
thread_local Machine* installed = nullptr;

[[noreturn]] void missing(const char* what) {
  std::fprintf(stderr, "enlighten: the machine this thread runs on has no %s\n", what);
  std::abort();
}

}  // namespace

Machine& current_machine(const char* caller) {
  if (installed == nullptr) {
    std::fprintf(stderr, "enlighten: %s called on a thread that runs on no machine; install one first\n", caller);
    std::abort();
  }
  return *installed;
}

Machine* machine_if_any() noexcept {
  return installed;
}

Installed_machine::Installed_machine(Machine& machine) : previous_{installed} {
  installed = &machine;
}
Installed_machine::~Installed_machine() {
  installed = previous_;
}

std::int64_t Machine::hypercall(abi::Hypercall, const Hypercall_arguments&) {
  missing("hypercalls");
}
Smccc_result Machine::smccc(Conduit, std::uint32_t, const std::array<std::uint64_t, 3>&) {
  missing("firmware");
}
Mpidr Machine::current_mpidr() {
  missing("MPIDR");
}
void Machine::wait_for_interrupt() {
  missing("wait for interrupts");
}
void Machine::wait_for_event() {
  missing("wait for events");
}
void Machine::send_event() {
  missing("events between CPUs");
}
void Machine::relax() {
  missing("way to relax");
}
void Machine::before_shared_access(const void*) {}
void Machine::use_translation(const Translation&) {}
void Machine::translations_changed() {}
void Machine::mask_interrupts() {
  missing("interrupt mask");
}
void Machine::unmask_interrupts() {
  missing("interrupt mask");
}
bool Machine::interrupts_masked() {
  missing("interrupt mask");
}
std::uint64_t Machine::counter() {
  missing("counter");
}
std::uint64_t Machine::counter_frequency() {
  missing("counter");
}
void Machine::arm_timer(std::uint64_t) {
  missing("timer");
}
void Machine::disarm_timer() {
  missing("timer");
}
bool Machine::timer_due() {
  missing("timer");
}
std::uint32_t Machine::mmio_read32(std::uintptr_t) {
  missing("device registers");
}
void Machine::mmio_write32(std::uintptr_t, std::uint32_t) {
  missing("device registers");
}
void Machine::mmio_write8(std::uintptr_t, std::uint8_t) {
  missing("device registers");
}
std::uint64_t Machine::gic_read(Gic_system_register) {
  missing("GIC system registers");
}
void Machine::gic_write(Gic_system_register, std::uint64_t) {
  missing("GIC system registers");
}

}  // namespace enlighten::arch::hosted
