// SPDX-License-Identifier: MIT
// Runs the vCPUs of a modelled Xen one step at a time, on one thread, in the order a schedule chooses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arch/fiber.hpp>
#include <model_machine/call_stack.hpp>
#include <model_machine/faults.hpp>
#include <model_machine/idle_time.hpp>
#include <model_machine/schedule.hpp>
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::model_machine {

class Fiber_processor final : public Vcpu_runner {
 public:
  Fiber_processor(Schedule& schedule, Body body, const Faults& faults = {})
      : schedule_{schedule}, body_{std::move(body)}, faults_{faults, faults.seed} {}
  Fiber_processor(std::unique_ptr<Schedule> schedule, Body body, const Faults& faults = {})
      : own_schedule_{std::move(schedule)},
        schedule_{*own_schedule_},
        body_{std::move(body)},
        faults_{faults, faults.seed} {}

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
  [[nodiscard]] std::optional<abi::Errno> refuse(abi::Hypercall call, std::uint32_t operation) override {
    return faults_.refuse(call, operation);
  }
  [[nodiscard]] std::uint64_t upcall_delay() override { return faults_.upcall_delay(); }
  [[nodiscard]] bool lingers() override { return faults_.happens(faults_.faults().lingering_vcpus); }
  [[nodiscard]] bool preempted() override;
  [[nodiscard]] std::uint64_t now() override { return steps_ * nanoseconds_a_step + skipped_; }

 private:
  static constexpr std::uint64_t nanoseconds_a_step = 100;
  static constexpr std::size_t remembered_steps = 64;

  struct Actor {
    Actor(Fiber_processor& processor, model::Domain& domain, Vcpu_id id) : vcpu{processor, domain, id} {}

    // Runs, or waits for something.
    [[nodiscard]] bool is_alive() const {
      return fiber && !fiber->is_done() && !is_off && !is_absent && (in_xen || !vcpu.domain().shut_down());
    }
    [[nodiscard]] bool is_able() const { return is_alive() && (!condition || condition()); }

    Model_vcpu vcpu;
    std::unique_ptr<arch::hosted::Fiber> fiber;
    std::function<bool()> condition;  // goes on when it holds; empty: able to
    const char* waits_for = "";
    bool is_off = false;
    bool in_xen = false;
    bool has_begun = false;
    std::uint64_t begins = 0;  // when it does, after CPU_ON
    bool is_absent = false;    // it never does
    Call_stack stack;          // where it was when the run came to nothing
  };

  struct Step {
    std::size_t actor;
    const char* what;
    const void* where;
  };

  [[nodiscard]] Actor* current();
  void remember(const char* what, const void* where);
  // A step that is more than asking again.
  void got_on(const char* what, const void* where);
  [[nodiscard]] bool pass_idle_time();
  void bring_upcalls();
  // Lets another have the next step.
  void leave(Actor& actor);
  // Has everybody that is not at an end say where it is.
  void ask_where();
  Outcome come_to_nothing(Outcome outcome);

  std::unique_ptr<Schedule> own_schedule_;
  Schedule& schedule_;
  Body body_;
  Fault_source faults_;
  std::vector<std::unique_ptr<Actor>> actors_;
  std::vector<std::size_t> able_;
  std::size_t current_ = 0;
  bool running_ = false;
  bool ended_ = false;
  std::uint64_t steps_ = 0;
  std::uint64_t skipped_ = 0;
  // Steps in a row that were nothing but asking again.
  std::uint64_t spins_ = 0;
  Idle_time idle_;
  std::deque<Step> last_steps_;
  std::string blame_;
  Call_stack blamed_at_;
  bool asking_where_ = false;
};

}  // namespace enlighten::model_machine
