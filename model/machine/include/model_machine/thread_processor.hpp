// SPDX-License-Identifier: MIT
// Runs each vCPU of a modelled Xen on a thread of its own, for ThreadSanitizer to look at.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <model_machine/call_stack.hpp>
#include <model_machine/faults.hpp>
#include <model_machine/idle_time.hpp>
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::model_machine {

// Nothing here orders one vCPU's accesses before another's, but turning one on: order is for the guest to bring,
// and what it forgets ThreadSanitizer is to find. So a vCPU that waits looks again and again, and is not woken.
//
// Time is the model's own: a step takes some, and while nobody does anything it runs ahead.
class Thread_processor final : public Vcpu_runner {
 public:
  explicit Thread_processor(Body body, const Faults& faults = {});
  ~Thread_processor() override;

  [[nodiscard]] Outcome run(std::uint64_t most_steps) override;
  [[nodiscard]] std::string story() const override;

  void start(model::Domain& domain, const model::Vcpu_start& start) override;
  void step_named(const char* what, const void* where) override;
  void wait_for(const char* what, const std::function<bool()>& condition) override;
  void spin() override;
  [[noreturn]] void leave_for_ever() override;
  void enter_xen() override;
  void leave_xen() override;
  void report(model::Domain& domain, const std::string& what) override;
  [[nodiscard]] std::optional<abi::Errno> refuse(abi::Hypercall call, std::uint32_t operation) override;
  [[nodiscard]] std::uint64_t upcall_delay() override;
  [[nodiscard]] bool lingers() override;
  [[nodiscard]] bool preempted() override;
  [[nodiscard]] std::uint64_t now() override;

 private:
  // From CPU_ON to CPU_OFF.
  struct Life;
  // How far a life was when it was last looked at.
  struct Mark {
    const Life* life;
    std::uint64_t steps;
    std::uint64_t looks;
  };

  void begin(Life& life);
  void live(Life& life);
  void leave_if_over(Life& life);
  void took_a_step(Life& life, const char* what, const void* where);
  // Joins who has left. False when nobody is left.
  [[nodiscard]] bool reap();
  // Nobody has done anything since the marks were made but to look again at what it waits for.
  [[nodiscard]] bool is_idle();
  void mark();
  [[nodiscard]] bool pass_idle_time();

  Body body_;
  Faults faults_;
  mutable std::mutex mutex_;  // of the lives and the blame
  std::vector<std::unique_ptr<Life>> lives_;
  std::vector<std::unique_ptr<Life>> gone_;
  std::vector<std::unique_ptr<Model_vcpu>> vcpus_;
  std::string blame_;
  Call_stack blamed_at_;
  bool running_ = false;
  std::vector<Mark> marks_;
  Idle_time idle_;
  std::atomic<bool> ended_{false};
  std::atomic<std::uint64_t> steps_{0};
  std::atomic<std::uint64_t> skipped_{0};
};

}  // namespace enlighten::model_machine
