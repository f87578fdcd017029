// SPDX-License-Identifier: MIT
// The search over schedules: depth first with a memory of states, or random.
#include "interleaving.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

namespace enlighten::guest::test {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value ^ 0xd1b5'4a32'd192'ed03ULL) * 0x9e37'79b9'7f4a'7c15ULL;
  return hash ^ hash >> 29;
}

// The difference of two memories of one size.
std::uint64_t mix(std::uint64_t hash, std::span<const std::byte> now, std::span<const std::byte> first) {
  for (std::size_t at = 0; at < now.size(); at += sizeof hash) {
    std::uint64_t word = 0;
    std::uint64_t before = 0;
    const std::size_t size = std::min(now.size() - at, sizeof word);
    std::memcpy(&word, now.data() + at, size);
    std::memcpy(&before, first.data() + at, size);
    hash = mix(hash, word ^ before);
  }
  return hash;
}

// Leaves each new state first by its first way; later runs repeat the trail up to the last state with a way left.
class All : public Chooser {
 public:
  std::size_t choose(std::size_t count, std::uint64_t state) override {
    if (depth_ == trail_.size()) {
      if (known_ || !seen_.insert(state).second) {
        known_ = true;  // nothing new can come of it: to the end by any way, fair to actors that spin
        return ++turn_ % count;
      }
      trail_.push_back({0, count});
    }
    return trail_[depth_++].way;
  }

  // To the next run; false if there is none.
  bool next() {
    depth_ = 0;
    known_ = false;
    while (!trail_.empty() && trail_.back().way + 1 == trail_.back().ways) {
      trail_.pop_back();
    }
    if (trail_.empty()) {
      return false;
    }
    ++trail_.back().way;
    return true;
  }

  [[nodiscard]] std::uint64_t states() const { return seen_.size(); }

 private:
  struct Fork {
    std::size_t way;
    std::size_t ways;
  };

  std::vector<Fork> trail_;
  std::unordered_set<std::uint64_t> seen_;
  std::size_t depth_ = 0;
  std::size_t turn_ = 0;
  bool known_ = false;
};

class Random : public Chooser {
 public:
  explicit Random(std::uint64_t seed) : generator_{seed} {}

  std::size_t choose(std::size_t count, std::uint64_t /*state*/) override { return generator_() % count; }

 private:
  std::mt19937_64 generator_;
};

// False after a failed expectation.
bool run_once(const Scenario& scenario, Chooser& chooser) {
  Schedule schedule{chooser};
  scenario(schedule);
  if (testing::Test::HasFailure()) {
    ADD_FAILURE() << "in this order: " << schedule.story();
    return false;
  }
  return true;
}

}  // namespace

void Schedule::spawn(std::string name, std::function<void()> body) {
  auto whole = [this, body = std::move(body)] {
    saw(0);  // having started is a state of its own: two alike would end the search
    body();
  };
  actors_.push_back({std::move(name), std::make_unique<arch::hosted::Fiber>(std::move(whole)), nullptr,
                     actors_.size(), nullptr, 0});
}

void Schedule::run() {
  std::vector<std::size_t> ready;
  running_ = true;
  for (;;) {
    ready.clear();
    bool all_done = true;
    for (std::size_t i = 0; i != actors_.size(); ++i) {
      const Actor& actor = actors_[i];
      all_done &= actor.fiber->is_done();
      if (!actor.fiber->is_done() && (over_ || !actor.condition || actor.condition())) {
        ready.push_back(i);
      }
    }
    if (all_done) {
      running_ = false;
      return;
    }
    if (ready.empty()) {
      over_ = true;
      continue;
    }
    current_ = over_ || ready.size() == 1 ? ready.front() : ready[chooser_.choose(ready.size(), state())];
    steps_.push_back(current_);
    actors_[current_].fiber->enter();
  }
}

void Schedule::step(const void* where) {
  if (!running_) {
    return;
  }
  const auto* const byte = static_cast<const std::byte*>(where);
  for (const Region& region : shared_) {
    if (std::less_equal{}(region.now.data(), byte) && std::less{}(byte, region.now.data() + region.now.size())) {
      actors_[current_].fiber->leave();
      return;
    }
  }
}

void Schedule::saw(std::uint64_t value) {
  if (running_) {
    Actor& actor = actors_[current_];
    actor.memory = mix(actor.memory, value);
    actor.failed_at = nullptr;
  }
}

void Schedule::failed_on(const void* where, std::uint64_t value) {
  if (running_) {
    Actor& actor = actors_[current_];
    if (actor.failed_at != where || actor.failed_on != value) {
      saw(value);
      actor.failed_at = where;
      actor.failed_on = value;
    }
  }
}

bool Schedule::wait(std::function<bool()> condition) {
  if (!running_) {
    return condition();
  }
  saw(0);
  Actor& actor = actors_[current_];
  actor.condition = std::move(condition);
  actor.fiber->leave();
  const bool holds = actor.condition();
  actor.condition = nullptr;
  saw(holds ? 1 : 0);
  return holds;
}

void Schedule::forget_all_but(std::uint64_t on) {
  actors_[current_].memory = mix(current_, on);
}

std::uint64_t Schedule::state() const {
  std::uint64_t hash = 1;
  for (const auto* const regions : {&shared_, &watched_}) {
    for (const Region& region : *regions) {
      hash = mix(hash, region.now, region.first);
    }
  }
  for (const Actor& actor : actors_) {
    hash = mix(hash, actor.memory);
  }
  return hash;
}

std::string Schedule::story() const {
  std::string story;
  for (std::size_t i = 0; i < steps_.size();) {
    std::size_t end = i;
    while (end != steps_.size() && steps_[end] == steps_[i]) {
      ++end;
    }
    story += actors_[steps_[i]].name + " " + std::to_string(end - i) + ", ";
    i = end;
  }
  return story;
}

Explored explore_all(const Scenario& scenario, std::uint64_t run_limit) {
  All all;
  Explored explored;
  while (explored.runs != run_limit && !explored.complete) {
    ++explored.runs;
    if (!run_once(scenario, all)) {
      break;
    }
    explored.complete = !all.next();
  }
  explored.states = all.states();
  return explored;
}

void expect_in_every_order(const Scenario& scenario) {
  constexpr std::uint64_t run_limit = 1'000'000;
  const Explored explored = explore_all(scenario, run_limit);
  EXPECT_TRUE(explored.complete) << "not every order was tried";
  testing::Test::RecordProperty("states", std::to_string(explored.states));
  std::printf("%llu states explored\n", static_cast<unsigned long long>(explored.states));
}

void explore_randomly(const Scenario& scenario, std::uint64_t seed, std::uint64_t runs) {
  for (std::uint64_t i = 0; i != runs; ++i) {
    Random random{seed + i};
    if (!run_once(scenario, random)) {
      ADD_FAILURE() << "seed " << seed + i;
      return;
    }
  }
}

}  // namespace enlighten::guest::test
