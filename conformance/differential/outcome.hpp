// SPDX-License-Identifier: MIT
// What a step answered: its result, and whatever else came back that can be compared between two domains.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <conformance/differential/step.hpp>
#include <report/line.hpp>

#include "scene.hpp"

namespace enlighten::conformance::differential {

class Outcome {
 public:
  Outcome& add(std::int64_t value) noexcept {
    if (count_ != values_.size()) {
      values_[count_++] = value;
    }
    return *this;
  }
  // Without a value, a step was not done: it would have touched what is not there.
  [[nodiscard]] std::span<const std::int64_t> values() const noexcept { return {values_.data(), count_}; }

 private:
  std::array<std::int64_t, 8> values_{};
  std::size_t count_ = 0;
};

// "0,3"; "-" if the step was not done.
void append_answer(report::Line& line, const Outcome& outcome) noexcept;

// By the vCPU whose step it is.
void do_step(Scene& scene, const Step& step, Outcome& outcome) noexcept;

// do_step() by that vCPU.
[[nodiscard]] Outcome do_on_its_vcpu(Scene& scene, Workers& workers, const Step& step) noexcept;

// Parts of do_step(), by subject.
void do_event_step(Scene& scene, const Step& step, Outcome& outcome) noexcept;
void do_word_step(Scene& scene, const Step& step, Outcome& outcome) noexcept;
void do_memory_step(Scene& scene, const Step& step, Outcome& outcome) noexcept;
void do_grant_step(Scene& scene, const Step& step, Outcome& outcome) noexcept;
void do_other_step(Scene& scene, const Step& step, Outcome& outcome) noexcept;

}  // namespace enlighten::conformance::differential
