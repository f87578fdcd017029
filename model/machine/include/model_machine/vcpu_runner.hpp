// SPDX-License-Identifier: MIT
// Whoever runs the vCPUs of a modelled Xen: fibers in the order of a schedule, or threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <model/xen.hpp>
#include <model_machine/faults.hpp>
#include <model_machine/model_vcpu.hpp>

namespace enlighten::model_machine {

// How a run ended.
enum class Outcome : std::uint8_t {
  done,      // every vCPU has ended or is off, or the domains are shut down
  blamed,    // the guest did what it may not
  stuck,     // everybody waits, and nothing would ever end that
  too_long,  // more steps than were allowed: somebody spins
};

[[nodiscard]] const char* words(Outcome outcome);

class Vcpu_runner : public model::Processor {
 public:
  // What a vCPU that is turned on runs: entry and context are for whoever wrote both sides.
  using Body = std::function<void(Model_vcpu& vcpu, const model::Vcpu_start& start)>;

  // From the domains' boot vCPUs on, which start() must have been called for. Not while it runs.
  [[nodiscard]] virtual Outcome run(std::uint64_t most_steps) = 0;
  // Why it did not end well: what each vCPU does or waits for, and the last steps. After the run.
  [[nodiscard]] virtual std::string story() const = 0;

  // These by the vCPU that runs, about itself. Others may go first; `what` is for the story.
  virtual void step_named(const char* what, const void* where) = 0;
  // Returns when `condition` holds, which depends on nothing but what vCPUs and Xen do, and on now().
  virtual void wait_for(const char* what, const std::function<bool()>& condition) = 0;
  // It waits for another, by asking again and again.
  virtual void spin() = 0;
  // It is off, and does not come back.
  [[noreturn]] virtual void leave_for_ever() = 0;
  // Between the two its domain's end does not stop it, for it may hold what other domains need.
  virtual void enter_xen() = 0;
  virtual void leave_xen() = 0;

  void step(const void* where) final { step_named(where == nullptr ? "call" : "access by Xen", where); }
  void wait(const std::function<bool()>& condition) final { wait_for("Xen", condition); }
  void wait_for_interrupt() final;
};

// "random" and "priority": fibers in the order of that schedule; "threads": each vCPU on a thread. Null for another
// name.
[[nodiscard]] std::unique_ptr<Vcpu_runner> make_runner(std::string_view name, std::uint64_t seed,
                                                       Vcpu_runner::Body body, const Faults& faults = {});

}  // namespace enlighten::model_machine
