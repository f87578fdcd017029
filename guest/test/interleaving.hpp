// SPDX-License-Identifier: MIT
// Runs actors (vCPUs, Xen on behalf of a sender) one access to shared memory at a time, in every order or in random
// ones.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include <arch/fiber.hpp>

namespace enlighten::guest::test {

// Decides who goes next.
class Chooser {
 public:
  virtual ~Chooser() = default;
  // One of `count` actors, given a hash of everything that determines what can follow.
  virtual std::size_t choose(std::size_t count, std::uint64_t state) = 0;
};

// One run of one scenario.
class Schedule {
 public:
  explicit Schedule(Chooser& chooser) : chooser_{chooser} {}

  void spawn(std::string name, std::function<void()> body);
  // Memory that actors share: what is accessed there is a step, and what is in it is part of the state.
  template <typename T>
  void share(T& object) {
    share(std::span{&object, 1});
  }
  template <typename T, std::size_t Size>
  void share(std::span<T, Size> objects) {
    shared_.emplace_back(std::as_bytes(objects));
  }
  // Memory that is part of the state without being stepped over: books the test or Xen keeps.
  template <typename T>
  void watch(T& object) {
    watched_.emplace_back(std::as_bytes(std::span{&object, 1}));
  }

  // Until no actor can go on. What is called before and after, on no actor's behalf, happens at once. Then those
  // that wait are told that it is over.
  void run();

  // Before an access: if it is an actor's to shared memory, others may go first.
  void step(const void* where);
  // What was read, for what an actor does next depends on it.
  void saw(std::uint64_t value);
  // A compare and swap found this. Again and again the same: an actor that spins is where it was.
  void failed_on(const void* where, std::uint64_t value);
  // By an actor: goes on when `condition` holds; false when it never will.
  [[nodiscard]] bool wait(std::function<bool()> condition);
  // By an actor whose further way depends on no more than what is watched, and `on`: makes more states alike.
  void forget_all_but(std::uint64_t on);

  // Who took each step, for the report of a failure.
  [[nodiscard]] std::string story() const;

 private:
  // Memory, and what was in it at first. Only the difference is part of the state: pointers do not change, but are
  // others in another run.
  struct Region {
    explicit Region(std::span<const std::byte> memory) : now{memory}, first{memory.begin(), memory.end()} {}

    std::span<const std::byte> now;
    std::vector<std::byte> first;
  };

  struct Actor {
    std::string name;
    std::unique_ptr<arch::hosted::Fiber> fiber;
    std::function<bool()> condition;
    std::uint64_t memory;
    const void* failed_at;
    std::uint64_t failed_on;
  };

  [[nodiscard]] std::uint64_t state() const;

  Chooser& chooser_;
  std::vector<Actor> actors_;
  std::vector<Region> shared_;
  std::vector<Region> watched_;
  std::vector<std::size_t> steps_;
  std::size_t current_ = 0;
  bool running_ = false;
  bool over_ = false;
};

// Sets up its world, spawns actors, runs the schedule, and checks what came of it.
using Scenario = std::function<void(Schedule&)>;

struct Explored {
  std::uint64_t runs = 0;
  std::uint64_t states = 0;  // different ones in which more than one actor could go on
  bool complete = false;     // every state was left in every way
};

// Every order, up to `run_limit` runs; stops at the first failed expectation. States met before are not left twice.
Explored explore_all(const Scenario& scenario, std::uint64_t run_limit);

// The same as a test's claim; says how many states that were.
void expect_in_every_order(const Scenario& scenario);

// `runs` random orders from `seed` on, one seed a run; the failing seed is printed.
void explore_randomly(const Scenario& scenario, std::uint64_t seed, std::uint64_t runs);

// The word policy of actors: a step before each access to shared memory.
class Stepped_words {
 public:
  explicit Stepped_words(Schedule& schedule) : schedule_{&schedule} {}

  template <typename T>
  T load(T& word, std::memory_order /*order*/) const {
    return change(word, [](T old) { return old; });
  }
  template <typename T>
  void store(T& word, std::type_identity_t<T> value, std::memory_order /*order*/) const {
    change(word, [value](T) { return value; });
  }
  template <typename T>
  T exchange(T& word, std::type_identity_t<T> value, std::memory_order /*order*/) const {
    return change(word, [value](T) { return value; });
  }
  template <typename T>
  T fetch_or(T& word, std::type_identity_t<T> bits, std::memory_order /*order*/) const {
    return change(word, [bits](T old) { return static_cast<T>(old | bits); });
  }
  template <typename T>
  T fetch_and(T& word, std::type_identity_t<T> bits, std::memory_order /*order*/) const {
    return change(word, [bits](T old) { return static_cast<T>(old & bits); });
  }
  template <typename T>
  bool compare_exchange(T& word, std::type_identity_t<T>& expected, std::type_identity_t<T> desired,
                        std::memory_order /*order*/) const {
    schedule_->step(&word);
    if (word != expected) {
      expected = word;
      schedule_->failed_on(&word, word);
      return false;
    }
    schedule_->saw(word);
    word = desired;
    return true;
  }

  void put(std::span<std::uint8_t> to, std::span<const std::byte> from) const {
    for (std::size_t at = 0; at < from.size(); ++at) {
      store(to[at], static_cast<std::uint8_t>(from[at]), std::memory_order_relaxed);
    }
  }
  void take(std::span<std::byte> to, std::span<std::uint8_t> from) const {
    for (std::size_t at = 0; at < to.size(); ++at) {
      to[at] = static_cast<std::byte>(load(from[at], std::memory_order_relaxed));
    }
  }

 private:
  template <typename T, typename Change>
  T change(T& word, Change&& to) const {
    schedule_->step(&word);
    const T old = word;
    schedule_->saw(old);
    word = to(old);
    return old;
  }

  Schedule* schedule_;
};

}  // namespace enlighten::guest::test
