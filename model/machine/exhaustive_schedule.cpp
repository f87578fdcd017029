// SPDX-License-Identifier: MIT
// The search: each run repeats the choices of the one before up to the last that had another way, and takes that.
#include <model_machine/exhaustive_schedule.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace enlighten::model_machine {

bool Exhaustive_schedule::next_run() {
  if (runs_ != 0) {
    while (!choices_.empty() && choices_.back().taken + 1 == choices_.back().options) {
      choices_.pop_back();
    }
    if (choices_.empty()) {
      return false;
    }
    ++choices_.back().taken;
  }
  ++runs_;
  position_ = 0;
  preempted_ = 0;
  last_spun_ = false;
  asleep_.clear();
  return true;
}

void Exhaustive_schedule::spins(std::size_t actor) {
  asleep_.resize(std::max(asleep_.size(), actor + 1));
  asleep_[actor] = true;
  last_spun_ = true;
}

std::size_t Exhaustive_schedule::take(std::size_t options) {
  if (options == 1) {
    return 0;
  }
  if (position_ == choices_.size()) {
    choices_.push_back({options, 0});
  } else if (choices_[position_].options != options) {
    std::fputs("enlighten: a run did not repeat the one before: something decides that is no choice\n", stderr);
    std::abort();
  }
  return choices_[position_++].taken;
}

std::size_t Exhaustive_schedule::choose(const std::vector<std::size_t>& able, std::size_t last) {
  const bool spun = std::exchange(last_spun_, false);
  if (!spun) {
    asleep_.assign(asleep_.size(), false);
  }
  const auto sleeps = [this](std::size_t actor) { return actor < asleep_.size() && asleep_[actor]; };
  // In turns from `last` on.
  options_.clear();
  const auto behind = std::ranges::upper_bound(able, last);
  options_.insert(options_.end(), behind, able.end());
  options_.insert(options_.end(), able.begin(), behind);
  if (std::ranges::all_of(options_, sleeps)) {
    // Nobody does anything, and time has to pass.
    return options_.front();
  }
  std::erase_if(options_, sleeps);
  const auto self = std::ranges::find(options_, last);
  const bool goes_on = self != options_.end();
  if (goes_on) {
    std::rotate(options_.begin(), self, self + 1);
  }
  if (!goes_on && !spun) {
    return options_[take(options_.size())];
  }
  const std::size_t taken = preempted_ == preemptions_ ? 0 : take(options_.size());
  preempted_ += taken == 0 ? 0 : 1;
  return options_[taken];
}

}  // namespace enlighten::model_machine
