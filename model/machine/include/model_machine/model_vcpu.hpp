// SPDX-License-Identifier: MIT
// A vCPU as guest code meets it: what <arch/...> calls on the model ends here, whoever runs it.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

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
  void arm_timer(std::uint64_t deadline) override { timer_.store(deadline, std::memory_order_relaxed); }
  void disarm_timer() override { timer_.store(no_timer, std::memory_order_relaxed); }
  bool timer_due() override;

  // The upcall interrupt, if it is pending: it no longer is.
  [[nodiscard]] bool acknowledge_upcall();

  // Of no timer, when the armed one fires. Asked by whoever runs the vCPUs too.
  static constexpr std::uint64_t no_timer = std::numeric_limits<std::uint64_t>::max();
  [[nodiscard]] std::uint64_t timer() const noexcept { return timer_.load(std::memory_order_relaxed); }

 private:
  // What ends a wait for interrupts, masked or not.
  [[nodiscard]] bool interrupt_is_pending();

  Vcpu_runner& runner_;
  model::Domain& domain_;
  Vcpu_id id_;
  std::atomic<std::uint64_t> timer_{no_timer};
  bool masked_ = true;
};

}  // namespace enlighten::model_machine
