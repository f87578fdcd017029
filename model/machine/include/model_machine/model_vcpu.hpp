// SPDX-License-Identifier: MIT
// A vCPU as guest code meets it: what <arch/...> calls on the model ends here, whoever runs it.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <arch/hosted_machine.hpp>
#include <model/domain.hpp>

namespace enlighten::model_machine {

class Vcpu_runner;

class Model_vcpu final : public arch::hosted::Machine {
 public:
  Model_vcpu(Vcpu_runner& runner, model::Domain& domain, Vcpu_id id) noexcept
      : runner_{runner}, domain_{domain}, id_{id} {}

  // As CPU_ON finds it: interrupts masked, no timer, nothing its own.
  void reset();

  [[nodiscard]] Vcpu_id id() const noexcept { return id_; }
  [[nodiscard]] model::Domain& domain() const noexcept { return domain_; }

  std::int64_t hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) override;
  arch::Smccc_result smccc(arch::Conduit conduit, std::uint32_t function,
                           const std::array<std::uint64_t, 3>& arguments) override;
  Mpidr current_mpidr() override;
  void wait_for_interrupt() override;
  void wait_for_event() override { relax(); }
  void send_event() override {}
  void relax() override;
  void before_shared_access(const void* where) override;
  void mask_interrupts() override { masked_ = true; }
  void unmask_interrupts() override { masked_ = false; }
  bool interrupts_masked() override { return masked_; }
  std::uint64_t counter() override;
  std::uint64_t counter_frequency() override;
  void arm_timer(std::uint64_t deadline) override;
  void disarm_timer() override { arm_timer(no_timer); }
  bool timer_due() override;

  void use_translation(const arch::Translation& translation) override;
  void translations_changed() override;

  std::uint32_t mmio_read32(std::uintptr_t address) override;
  void mmio_write32(std::uintptr_t address, std::uint32_t value) override;
  void mmio_write8(std::uintptr_t address, std::uint8_t value) override;
  std::uint64_t gic_read(arch::Gic_system_register which) override;
  void gic_write(arch::Gic_system_register which, std::uint64_t value) override;

  // The upcall interrupt, if it is pending: it no longer is. For a domain without an interrupt controller.
  [[nodiscard]] bool acknowledge_upcall();

  // Of no timer, when the armed one fires. Asked by whoever runs the vCPUs too.
  static constexpr std::uint64_t no_timer = std::numeric_limits<std::uint64_t>::max();
  [[nodiscard]] std::uint64_t timer() const noexcept { return timer_.load(std::memory_order_relaxed); }

  // When the upcall that is on its way to it arrives.
  [[nodiscard]] std::uint64_t upcall_arrives() const noexcept {
    return domain_.vcpu(id_).upcall_arrives.load(std::memory_order_relaxed);
  }

 private:
  void leave_if_shut_down();
  // What ends a wait for interrupts, masked or not.
  [[nodiscard]] bool interrupt_is_pending();
  [[nodiscard]] model::Gic::Asker asker();
  // The domain's; a guest that has none and asks has come to its end.
  [[nodiscard]] model::Gic& gic();
  // The guest is to blame, and its vCPU goes no further.
  [[noreturn]] void give_up(const std::string& why);
  [[noreturn]] void abort_data_access(const char* access, std::uintptr_t address);
  std::uint32_t taken(std::uint32_t interrupt);

  Vcpu_runner& runner_;
  model::Domain& domain_;
  Vcpu_id id_;
  std::atomic<std::uint64_t> timer_{no_timer};
  // [xen] arm/time.c: Xen masks the timer as it delivers its interrupt, until the guest sets it anew.
  bool timer_delivered_ = false;
  std::optional<arch::Translation> translation_;
  bool masked_ = true;
};

}  // namespace enlighten::model_machine
