// SPDX-License-Identifier: MIT
// Runs the vCPUs of a modelled Xen one step at a time, on one thread, in the order a schedule chooses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <arch/fiber.hpp>
#include <arch/hosted_machine.hpp>
#include <model/xen.hpp>
#include <model_machine/schedule.hpp>

namespace enlighten::model_machine {

class Fiber_processor;

// A vCPU as guest code meets it: <arch/...> calls end here.
class Fiber_vcpu final : public arch::hosted::Machine {
 public:
  Fiber_vcpu(Fiber_processor& processor, model::Domain& domain, Vcpu_id id) noexcept
      : processor_{processor}, domain_{domain}, id_{id} {}

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
  void arm_timer(std::uint64_t deadline) override { timer_ = deadline; }
  void disarm_timer() override { timer_.reset(); }
  bool timer_due() override;

  // The upcall interrupt, if it is pending: it no longer is.
  [[nodiscard]] bool acknowledge_upcall();

 private:
  friend class Fiber_processor;

  // Runs, or waits for something.
  [[nodiscard]] bool is_alive() const { return fiber_ && !fiber_->is_done() && !is_off_ && !domain_.shut_down(); }

  Fiber_processor& processor_;
  model::Domain& domain_;
  Vcpu_id id_;
  std::unique_ptr<arch::hosted::Fiber> fiber_;
  std::function<bool()> condition_;  // goes on when it holds; empty: able to
  const char* waits_for_ = "";
  std::optional<std::uint64_t> timer_;
  bool masked_ = true;
  bool is_off_ = false;
};

// How a run ended.
enum class Outcome : std::uint8_t {
  done,      // every vCPU has ended or is off, or the domains are shut down
  blamed,    // the guest did what it may not
  stuck,     // everybody waits, and nothing would ever end that
  too_long,  // more steps than were allowed: somebody spins
};

[[nodiscard]] const char* words(Outcome outcome);

// What is legal and rare, at random: how often in a thousand.
struct Faults {
  std::uint64_t seed = 1;
  std::uint32_t spurious_upcalls = 0;  // of steps
  std::uint32_t no_memory = 0;         // of calls that make Xen allocate something: ENOMEM
  bool no_fifo = false;                // EVTCHNOP_init_control is unknown
};

class Fiber_processor final : public model::Processor {
 public:
  // What a vCPU that is turned on runs: entry and context are for whoever wrote both sides.
  using Body = std::function<void(Fiber_vcpu& vcpu, const model::Vcpu_start& start)>;

  Fiber_processor(Schedule& schedule, Body body, const Faults& faults = {})
      : schedule_{schedule}, body_{std::move(body)}, faults_{faults}, random_{faults.seed} {}

  // From the domains' boot vCPUs on, which start() must have been called for.
  [[nodiscard]] Outcome run(std::uint64_t most_steps);
  // Why it did not end well: what each vCPU does or waits for, and the last steps.
  [[nodiscard]] std::string story() const;

  void start(model::Domain& domain, const model::Vcpu_start& start) override;
  void step(const void* where) override;
  void wait(const std::function<bool()>& condition) override;
  void report(model::Domain& domain, const std::string& what) override;
  [[nodiscard]] std::optional<abi::Errno> refuse(abi::Hypercall call, std::uint32_t operation) override;
  [[nodiscard]] std::uint64_t now() override { return steps_ * nanoseconds_a_step + skipped_; }

 private:
  friend class Fiber_vcpu;

  static constexpr std::uint64_t nanoseconds_a_step = 100;
  static constexpr std::size_t remembered_steps = 64;

  struct Step {
    std::size_t actor;
    const char* what;
    const void* where;
  };

  [[nodiscard]] Fiber_vcpu* current();
  [[nodiscard]] bool happens(std::uint32_t in_a_thousand);
  void step_named(const char* what, const void* where);
  void wait_for(const char* what, const std::function<bool()>& condition);
  void remember(const char* what, const void* where);
  [[nodiscard]] bool able(const Fiber_vcpu& vcpu) const;
  [[nodiscard]] bool skip_to_next_timer();
  // The calling vCPU is off: it does not come back.
  [[noreturn]] void leave_for_ever();

  Schedule& schedule_;
  Body body_;
  Faults faults_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<Fiber_vcpu>> vcpus_;
  std::vector<std::size_t> able_;
  std::size_t current_ = 0;
  bool running_ = false;
  bool ended_ = false;
  std::uint64_t steps_ = 0;
  std::uint64_t skipped_ = 0;
  std::deque<Step> last_steps_;
  std::string blame_;
};

}  // namespace enlighten::model_machine
