// SPDX-License-Identifier: MIT
// Mistakes that the compilers accept and clang-tidy must not; each line names the check that has to see it.
#include <base/result.hpp>

namespace enlighten {
namespace {

Result<> refuse() {
  return std::unexpected{Error::make(Error_kind::unsupported, "never")};
}

// A Result that nobody looks at.
[[maybe_unused]] void drop() {
  refuse();  // expect: bugprone-unused-return-value
}

[[maybe_unused]] Result<> move_twice(Result<> given) {
  const Result<> first = std::move(given);
  return given;  // expect: bugprone-use-after-move
}

class VcpuInfo {};  // expect: readability-identifier-naming

enum class Verdict : unsigned char {
  NotRun,  // expect: readability-identifier-naming
};

[[maybe_unused]] constexpr int kLimit = 3;  // expect: readability-identifier-naming

[[maybe_unused]] void startVcpu(int Number) {  // expect: readability-identifier-naming
  const int Twice = 2 * Number;                // expect: readability-identifier-naming
  static_cast<void>(Twice);
}

class Counter {
 public:
  [[nodiscard]] int value() const { return count; }

 private:
  int count = 0;  // expect: readability-identifier-naming
};

}  // namespace
}  // namespace enlighten
