// SPDX-License-Identifier: MIT
// The machine that a host thread or fiber runs on when it plays a vCPU: what the other headers here call.
#pragma once

#include <array>
#include <cstdint>

#include <abi/hypercall.hpp>
#include <arch/conduit.hpp>
#include <arch/gic_system_register.hpp>
#include <arch/translation_control.hpp>
#include <base/ids.hpp>

namespace enlighten::arch::hosted {

using Hypercall_arguments = std::array<std::uint64_t, 5>;

// One vCPU as guest code sees it. Whoever plays the machine overrides what it has; using anything else ends the
// process with the name of what was used.
class Machine {
 public:
  Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  virtual ~Machine() = default;

  virtual std::int64_t hypercall(abi::Hypercall number, const Hypercall_arguments& arguments);
  virtual Smccc_result smccc(Conduit conduit, std::uint32_t function,
                             const std::array<std::uint64_t, 3>& arguments);

  virtual Mpidr current_mpidr();
  virtual void wait_for_interrupt();
  virtual void wait_for_event();
  virtual void send_event();
  virtual void relax();
  // Whoever decides the order of vCPUs may let others go first; most machines have nothing to do here.
  virtual void before_shared_access(const void* where);
  virtual void mask_interrupts();
  virtual void unmask_interrupts();
  virtual bool interrupts_masked();

  virtual std::uint64_t counter();
  virtual std::uint64_t counter_frequency();
  virtual void arm_timer(std::uint64_t deadline);
  virtual void disarm_timer();
  virtual bool timer_due();

  virtual std::uint32_t mmio_read32(std::uintptr_t address);
  virtual void mmio_write32(std::uintptr_t address, std::uint32_t value);
  virtual void mmio_write8(std::uintptr_t address, std::uint8_t value);
  virtual std::uint64_t gic_read(Gic_system_register which);
  virtual void gic_write(Gic_system_register which, std::uint64_t value);

  // The guest translates by these tables from now on; and: it has changed some of them. Most machines do not look.
  virtual void use_translation(const Translation& translation);
  virtual void translations_changed();

  // The pointers a real CPU keeps in registers of their own.
  void* cpu_local = nullptr;
  void* cpu_trace = nullptr;
};

// The machine of the current thread; without one the process ends, saying what was called.
[[nodiscard]] Machine& current_machine(const char* caller);
[[nodiscard]] Machine* machine_if_any() noexcept;

// While it lives, the current thread runs on `machine`; after it on the one before. A scheduler of fibers switches
// with its fibers.
class Installed_machine {
 public:
  explicit Installed_machine(Machine& machine);
  ~Installed_machine();
  Installed_machine(const Installed_machine&) = delete;
  Installed_machine& operator=(const Installed_machine&) = delete;

 private:
  Machine* previous_;
};

}  // namespace enlighten::arch::hosted
