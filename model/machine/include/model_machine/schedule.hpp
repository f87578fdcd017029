// SPDX-License-Identifier: MIT
// Who goes next, decided by a seed: the ways in which vCPUs are mixed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

namespace enlighten::model_machine {

// Asked before each step of whoever ran last.
class Schedule {
 public:
  Schedule() = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;
  virtual ~Schedule() = default;

  // One of `able`, actors in ascending order, at least one. `last` ran last and may not be among them.
  [[nodiscard]] virtual std::size_t choose(const std::vector<std::size_t>& able, std::size_t last) = 0;
  // `actor` only spins, waiting for another: a schedule that would let it go on for ever must not.
  virtual void spins(std::size_t actor) = 0;
};

// Each step anybody's, all alike.
class Random_schedule final : public Schedule {
 public:
  explicit Random_schedule(std::uint64_t seed) : random_{seed} {}
  std::size_t choose(const std::vector<std::size_t>& able, std::size_t last) override;
  void spins(std::size_t /*actor*/) override {}

 private:
  std::mt19937_64 random_;
};

// Probabilistic concurrency testing (Burckhardt and others, 2010): everybody has a priority and the highest runs,
// but at `changes` random ones of the first `steps` steps, who runs falls below all others. A mistake that needs so
// many switches in the wrong places and no others is found with a probability that has a lower bound.
class Priority_schedule final : public Schedule {
 public:
  Priority_schedule(std::uint64_t seed, std::uint32_t changes, std::uint64_t steps);
  std::size_t choose(const std::vector<std::size_t>& able, std::size_t last) override;
  void spins(std::size_t actor) override { demote(actor); }

 private:
  void demote(std::size_t actor);
  [[nodiscard]] std::int64_t& priority(std::size_t actor);

  std::mt19937_64 random_;
  std::vector<std::uint64_t> changes_;
  std::vector<std::int64_t> priorities_;
  std::int64_t lowest_ = 0;
  std::uint64_t step_ = 0;
  std::uint64_t in_a_row_ = 0;
};

// "random" or "priority"; null for another name.
[[nodiscard]] std::unique_ptr<Schedule> make_schedule(std::string_view name, std::uint64_t seed);

}  // namespace enlighten::model_machine
