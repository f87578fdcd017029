// SPDX-License-Identifier: MIT
// Guests built for the host: programs that bring the model of Xen with them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include <runner/options.hpp>
#include <runner/process.hpp>

namespace enlighten::runner {

// The program meant by a word on the command line: the path of one, or an example, which is built first.
[[nodiscard]] std::filesystem::path find_model_program(const std::string& word);

// One run of it; refuses what the model does not have.
[[nodiscard]] Command model_command(const std::filesystem::path& program, const Run_options& options,
                                    std::uint64_t seed);

// The same for each seed that it will be told: see Model_rounds.
[[nodiscard]] Command model_rounds_command(const std::filesystem::path& program, const Run_options& options);

}  // namespace enlighten::runner
