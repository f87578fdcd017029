// SPDX-License-Identifier: MIT
// A guest's program on the model, started once and running the guest as often as it is told.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <runner/process.hpp>

namespace enlighten::runner {

// The program forks a process for each round: a seed goes to it over a channel, and back comes how that process
// ended (model/machine/seeds.hpp).
class Model_rounds {
 public:
  // `command` as model_rounds_command() makes it.
  explicit Model_rounds(const Command& command) : program_{command} {}

  // Starts a round. The one before must have ended.
  void start(std::uint64_t seed);

  using Take = std::function<void(Stream stream, const std::string& bytes)>;

  // Gives what the round prints as it comes. Returns how it ended, or how the program did if that was first;
  // nothing when `deadline` has passed: all of it is ended then, and there is no next round.
  std::optional<Exit_status> finish(Clock::time_point deadline, const Take& take);

 private:
  Child program_;
  std::string answer_;
};

}  // namespace enlighten::runner
