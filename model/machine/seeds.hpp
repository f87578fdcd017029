// SPDX-License-Identifier: MIT
// Many runs of one program that starts once.
#pragma once

#include <cstdint>
#include <functional>

namespace enlighten::model_machine {

// Calls `run` for each seed that comes over `channel`, in a process that is forked for it, and answers with the
// status that waitpid() gives of that process: whatever a run does to itself, the next one begins where it began. A
// seed has eight bytes and an answer four, both as this machine stores them. What a run printed is all written
// before its answer.
//
// To be called before there is any other thread. Returns what the program is to end with, when the channel ends.
[[nodiscard]] int run_for_each_seed(int channel, const std::function<void(std::uint64_t seed)>& run);

}  // namespace enlighten::model_machine
