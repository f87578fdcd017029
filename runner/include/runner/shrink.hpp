// SPDX-License-Identifier: MIT
// Finds the shortest part of a program that still shows a difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace enlighten::runner {

// A part of a program of a seed.
struct Program_part {
  std::uint32_t program = 0;
  std::vector<std::size_t> steps;  // which of its steps, ascending
  bool by_first_vcpu = false;      // all of them by vCPU 0, whoever's they are

  friend bool operator==(const Program_part&, const Program_part&) = default;
};

// As a request's only= has it: "12.1f", the steps as bits in hexadecimal.
[[nodiscard]] std::string text(const Program_part& part);

// For each part, in which of its steps the two sides first differ (an index into `steps`); all at once, because
// asking costs a boot.
using Oracle = std::function<std::vector<std::optional<std::size_t>>(const std::vector<Program_part>&)>;

// `part` differs in its last step. What is left differs in that same step, and no longer does if any other of its
// steps is taken away.
[[nodiscard]] Program_part shrink(Program_part part, const Oracle& differs_in);

}  // namespace enlighten::runner
