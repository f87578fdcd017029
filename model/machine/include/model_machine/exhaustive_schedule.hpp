// SPDX-License-Identifier: MIT
// Every order in which vCPUs can be mixed, up to a number of preemptions: one order a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <model_machine/schedule.hpp>

namespace enlighten::model_machine {

// Preemption bounding (Musuvathi and Qadeer, 2007): where a vCPU waits or ends, whoever can go on may be next;
// where it could go on itself, another one may be next as often as the bound says. Most mistakes need very few such
// switches, and there are some steps^bound orders.
//
// One that spins goes on when another has done something. Where it does so, who is next is decided by turns, and
// any other choice counts as a preemption: that spinning is no end of choices.
//
// Runs must be alike: what a run does may depend on nothing but the choices made.
class Exhaustive_schedule final : public Schedule {
 public:
  explicit Exhaustive_schedule(std::uint32_t preemptions) : preemptions_{preemptions} {}

  // Before each run, the first too. False: every order has had its run.
  [[nodiscard]] bool next_run();
  [[nodiscard]] std::uint64_t runs() const noexcept { return runs_; }

  std::size_t choose(const std::vector<std::size_t>& able, std::size_t last) override;
  void spins(std::size_t actor) override;

 private:
  // Where a run could go on in more than one way, and which of them it takes.
  struct Choice {
    std::size_t options;
    std::size_t taken;
  };

  [[nodiscard]] std::size_t take(std::size_t options);

  std::uint32_t preemptions_;
  std::uint64_t runs_ = 0;
  std::vector<Choice> choices_;
  std::size_t position_ = 0;
  std::uint32_t preempted_ = 0;
  bool last_spun_ = false;
  std::vector<bool> asleep_;  // has spun, and nobody has done anything since
  std::vector<std::size_t> options_;
};

}  // namespace enlighten::model_machine
