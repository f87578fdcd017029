// SPDX-License-Identifier: MIT
// A guest's program on the model, started once and running the guest as often as it is told.
#include <runner/model_rounds.hpp>

#include <cstring>

namespace enlighten::runner {

void Model_rounds::start(std::uint64_t seed) {
  answer_.clear();
  program_.write(0, {reinterpret_cast<const char*>(&seed), sizeof seed});
}

std::optional<Exit_status> Model_rounds::finish(Clock::time_point deadline, const Take& take) {
  int status = 0;
  while (answer_.size() < sizeof status) {
    const auto chunk = program_.read(deadline);
    if (!chunk && program_.finished()) {
      return program_.wait();
    }
    if (!chunk) {
      program_.stop();
      return std::nullopt;
    }
    if (chunk->stream == Stream::channel) {
      answer_ += chunk->bytes;
    } else {
      take(chunk->stream, chunk->bytes);
    }
  }
  // Before the program answered, the round had written all it ever will.
  while (const auto chunk = program_.read(Clock::now())) {
    take(chunk->stream, chunk->bytes);
  }
  std::memcpy(&status, answer_.data(), sizeof status);
  return Exit_status::of(status);
}

}  // namespace enlighten::runner
