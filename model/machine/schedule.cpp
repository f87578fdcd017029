// SPDX-License-Identifier: MIT
// The random and the priority schedule.
#include <model_machine/schedule.hpp>

#include <algorithm>

namespace enlighten::model_machine {
namespace {

// Of the order of what bringing up a few vCPUs and some hundred events take.
constexpr std::uint64_t usual_steps = 5000;
constexpr std::uint32_t usual_changes = 5;
// A vCPU that asks the clock again and again, or works without end, would keep all others from ever running, which
// no hypervisor does.
constexpr std::uint64_t patience = 10'000;

}  // namespace

std::size_t Random_schedule::choose(const std::vector<std::size_t>& able, std::size_t /*last*/) {
  return able[random_() % able.size()];
}

Priority_schedule::Priority_schedule(std::uint64_t seed, std::uint32_t changes, std::uint64_t steps)
    : random_{seed} {
  for (std::uint32_t index = 0; index < changes; ++index) {
    changes_.push_back(random_() % steps);
  }
}

// Drawn when an actor is first seen: there are more of them as CPUs come on.
std::int64_t& Priority_schedule::priority(std::size_t actor) {
  while (priorities_.size() <= actor) {
    priorities_.push_back(static_cast<std::int64_t>(random_() % (std::uint64_t{1} << 32U)) + 1);
  }
  return priorities_[actor];
}

void Priority_schedule::demote(std::size_t actor) {
  priority(actor) = --lowest_;
}

std::size_t Priority_schedule::choose(const std::vector<std::size_t>& able, std::size_t last) {
  if (std::ranges::find(changes_, step_++) != changes_.end()) {
    demote(last);
  }
  const auto most_urgent = [&] {
    return *std::ranges::max_element(able, {}, [this](std::size_t actor) { return priority(actor); });
  };
  std::size_t chosen = most_urgent();
  in_a_row_ = chosen == last ? in_a_row_ + 1 : 0;
  if (in_a_row_ > patience) {
    in_a_row_ = 0;
    demote(chosen);
    chosen = most_urgent();
  }
  return chosen;
}

std::unique_ptr<Schedule> make_schedule(std::string_view name, std::uint64_t seed) {
  if (name == "random") {
    return std::make_unique<Random_schedule>(seed);
  }
  if (name == "priority") {
    return std::make_unique<Priority_schedule>(seed, usual_changes, usual_steps);
  }
  return nullptr;
}

}  // namespace enlighten::model_machine
