// SPDX-License-Identifier: MIT
// What the person at the terminal sees besides the guest's console: steps, and signs that a long one is alive.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <runner/process.hpp>

namespace enlighten::runner {

enum class Colour : std::uint8_t { plain, red, green, yellow, dim };

// `text` in a colour where standard output is a terminal that wants colours, unchanged elsewhere.
[[nodiscard]] std::string coloured(Colour colour, std::string_view text);

// A step that may take long, told on standard error: a line that is rewritten on a terminal, and elsewhere one line
// at the beginning and one every ten seconds.
class Step {
 public:
  // `what` completes "enlighten: ...", as in "fetching Xen 4.17".
  explicit Step(std::string what);
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  // A step that was not done leaves its line standing above the message that says why.
  ~Step();

  void alive(std::string_view detail = {});
  void done(std::string_view result = {});

  // Runs a program as this step.
  [[nodiscard]] Completed run(const Command& command);

 private:
  [[nodiscard]] std::chrono::seconds age() const;

  std::string what_;
  Clock::time_point began_;
  Clock::time_point told_;
  bool shown_ = false;
  bool done_ = false;
};

}  // namespace enlighten::runner
