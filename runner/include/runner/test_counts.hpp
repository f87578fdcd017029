// SPDX-License-Identifier: MIT
// How many tests CTest ran, and how they ended.
#pragma once

#include <string>

namespace enlighten::runner {

struct Test_counts {
  unsigned passed = 0;
  unsigned failed = 0;
  unsigned skipped = 0;

  [[nodiscard]] unsigned total() const noexcept { return passed + failed + skipped; }
  // "12 passed, 0 failed", and ", 1 skipped" if there were any.
  [[nodiscard]] std::string text() const;
  Test_counts& operator+=(const Test_counts& other) noexcept;
};

// Reads what `ctest --output-junit` wrote.
[[nodiscard]] Test_counts read_test_counts(const std::string& junit);

}  // namespace enlighten::runner
