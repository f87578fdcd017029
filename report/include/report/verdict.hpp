// SPDX-License-Identifier: MIT
// The closed set of ways a run can end, with the names and exit codes every part of the product uses for them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace enlighten::report {

enum class Verdict : std::uint8_t {
  success,
  skip,     // nothing was tested, and that is nobody's fault: the machine lacks what the test is about
  error,    // the environment's or the test's fault
  failure,  // the fault of the code under test
  crash,    // the guest ended without a verdict
  timeout,  // the guest did not end
};

inline constexpr std::array all_verdicts{Verdict::success, Verdict::skip,  Verdict::error,
                                         Verdict::failure, Verdict::crash, Verdict::timeout};

// What `enlighten run` returns to the shell; 124 is also what timeout(1) returns.
[[nodiscard]] constexpr int exit_code(Verdict verdict) noexcept {
  constexpr std::array codes{0, 3, 4, 5, 6, 124};
  return codes[static_cast<std::size_t>(verdict)];
}

[[nodiscard]] constexpr std::string_view name(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 6> names{"success", "skip", "error", "failure", "crash", "timeout"};
  return names[static_cast<std::size_t>(verdict)];
}

[[nodiscard]] constexpr std::optional<Verdict> verdict_from_name(std::string_view text) noexcept {
  for (const Verdict verdict : all_verdicts) {
    if (name(verdict) == text) {
      return verdict;
    }
  }
  return std::nullopt;
}

}  // namespace enlighten::report
