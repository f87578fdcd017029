// SPDX-License-Identifier: MIT
// The ways to run vCPUs by name, and how a run ended in words.
#include <model_machine/vcpu_runner.hpp>

#include <utility>

#include <arch/hosted_machine.hpp>
#include <model_machine/fiber_processor.hpp>
#include <model_machine/thread_processor.hpp>

namespace enlighten::model_machine {

const char* words(Outcome outcome) {
  switch (outcome) {
    case Outcome::done:
      return "done";
    case Outcome::blamed:
      return "the guest did what it may not";
    case Outcome::stuck:
      return "everybody waits";
    case Outcome::too_long:
      return "no end in sight";
  }
  return "";
}

void Vcpu_runner::wait_for_interrupt() {
  arch::hosted::current_machine("Xen's wait for an interrupt").wait_for_interrupt();
}

std::unique_ptr<Vcpu_runner> make_runner(std::string_view name, std::uint64_t seed, Vcpu_runner::Body body,
                                         const Faults& faults) {
  if (name == "threads") {
    return std::make_unique<Thread_processor>(std::move(body), faults);
  }
  std::unique_ptr<Schedule> schedule = make_schedule(name, seed);
  return schedule ? std::make_unique<Fiber_processor>(std::move(schedule), std::move(body), faults) : nullptr;
}

}  // namespace enlighten::model_machine
