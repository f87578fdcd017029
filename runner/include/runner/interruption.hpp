// SPDX-License-Identifier: MIT
// Ctrl-C and its relatives, taken where the runner waits, so that everything it started is ended and reaped first.
#pragma once

#include <string_view>

namespace enlighten::runner {

// Thrown by whatever was waiting when the signal came; main() ends the process by the same signal.
struct Interrupted {
  int signal;
};

[[nodiscard]] std::string_view signal_name(int signal) noexcept;

// SIGINT, SIGTERM and SIGHUP are blocked and arrive at a file descriptor that every wait polls as well.
// There is one for the process, because signals are the process's.
class Interruption {
 public:
  static Interruption& instance();

  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  ~Interruption();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  // Throws Interrupted if a signal has come.
  void check();

  // The signals' ordinary effect again: for a child between fork and exec, and for main() at the end.
  static void restore_defaults() noexcept;

 private:
  Interruption();

  int descriptor_;
};

}  // namespace enlighten::runner
