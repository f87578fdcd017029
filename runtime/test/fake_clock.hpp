// SPDX-License-Identifier: MIT
// A machine for tests whose counter stands still until it is told to go on.
#pragma once

#include <cstdint>

#include <arch/hosted_machine.hpp>
#include <runtime/clock.hpp>

namespace enlighten::runtime::test {

class Fake_clock final : public arch::hosted::Machine {
 public:
  explicit Fake_clock(std::uint64_t hertz, std::uint64_t start = 0)
      : counter_{start}, hertz_{hertz}, installed_{*this} {
    start_clock(hertz);
  }

  std::uint64_t counter() override { return counter_; }
  std::uint64_t counter_frequency() override { return hertz_; }

  void set(std::uint64_t counter) { counter_ = counter; }
  void advance(std::uint64_t counts) { counter_ += counts; }

 private:
  std::uint64_t counter_;
  std::uint64_t hertz_;
  arch::hosted::Installed_machine installed_;
};

}  // namespace enlighten::runtime::test
