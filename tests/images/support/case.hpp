// SPDX-License-Identifier: MIT
// One named result of a test image, and what was expected for it.
#pragma once

#include <string_view>

#include <abi/errno.hpp>
#include <base/result.hpp>
#include <report/ktap.hpp>

namespace enlighten::test {

// Passes at the end of its life unless something it expected did not hold; what did not is diagnosed.
class Case {
 public:
  Case(report::Ktap_results& results, std::string_view name) noexcept : results_{results}, name_{name} {}
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;
  ~Case() { failed_ ? results_.fail(name_) : results_.pass(name_); }

  bool expect(bool holds, const char* what) noexcept {
    if (!holds) {
      failed_ = true;
      results_.diagnose_format("%s: not so", what);
    }
    return holds;
  }

  bool equal(unsigned long long actual, unsigned long long expected, const char* what) noexcept {
    if (actual != expected) {
      failed_ = true;
      results_.diagnose_format("%s: %llu, expected %llu", what, actual, expected);
    }
    return actual == expected;
  }

  template <typename T>
  bool works(const Result<T>& result, const char* what) noexcept {
    if (!result) {
      failed_ = true;
      results_.diagnose_format("%s: %s", what, result.error().text());
    }
    return result.has_value();
  }

  // Xen's answer is an error with exactly this number.
  template <typename T>
  bool refused(const Result<T>& result, abi::Errno reason, const char* what) noexcept {
    const long long number = result ? 0 : result.error().number();
    if (number != static_cast<long long>(reason)) {
      failed_ = true;
      results_.diagnose_format("%s: %lld, expected a refusal with %s", what, number, abi::errno_name(reason));
    }
    return !result;
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  report::Ktap_results& results_;
  std::string_view name_;
  bool failed_ = false;
};

}  // namespace enlighten::test
