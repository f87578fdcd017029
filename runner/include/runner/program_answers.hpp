// SPDX-License-Identifier: MIT
// What random programs answered, as an image or the model prints it (conformance/differential).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace enlighten::runner {

// Of one program.
struct Program_answers {
  // "0,3#0x4af50ad9": what a step answered, and a digest of the memory that could then be seen. "-#...": it was not
  // done.
  std::vector<std::string> steps;
  // "flags of grant 9: 0x19": what could be seen at the end, if that was asked for.
  std::vector<std::string> memory;
};

// By the order of the programs. Other lines are left out.
[[nodiscard]] std::vector<Program_answers> read_program_answers(std::string_view text);

// "{1, Operation::send, {3}} // vCPU 1: send(p3)", step by step.
[[nodiscard]] std::vector<std::vector<std::string>> read_program_texts(std::string_view text);

// The first step in which they differ, or that one of them lacks.
[[nodiscard]] std::optional<std::size_t> first_difference(const Program_answers& one, const Program_answers& other);

}  // namespace enlighten::runner
