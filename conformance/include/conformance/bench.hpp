// SPDX-License-Identifier: MIT
// What a case may use, and how it says what it saw: every value goes into the report, whether it is right or not.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <conformance/expected.hpp>
#include <conformance/machine.hpp>
#include <report/ktap.hpp>

namespace enlighten::conformance {

class Bench {
 public:
  Bench(Machine& machine, report::Ktap_results& results) noexcept;

  [[nodiscard]] Machine& machine() noexcept { return machine_; }
  [[nodiscard]] abi::Shared_info& shared_info() noexcept { return machine_.shared_info(); }
  [[nodiscard]] abi::Vcpu_info& vcpu_info() noexcept { return machine_.vcpu_info(); }
  template <typename T = std::uint8_t>
  [[nodiscard]] T* page() noexcept {
    return static_cast<T*>(machine_.page());
  }
  [[nodiscard]] abi::Gfn hole() noexcept { return machine_.hole(); }
  [[nodiscard]] Release release() const noexcept { return release_; }

  // "what: -22" in the report, and what was expected if that is something else. True if it is as expected.
  bool check(const char* what, std::int64_t got, Expected expected) noexcept;
  // The same in hexadecimal.
  bool check_bits(const char* what, std::uint64_t got, Expected expected) noexcept;
  // "what: yes".
  bool check_that(const char* what, bool got) noexcept { return check_flag(what, got, true); }
  bool check_not(const char* what, bool got) noexcept { return check_flag(what, got, false); }

  // "~ what: 3 of 1000" in the report: a count that nobody promises, and that two runs need not share.
  void tell(const char* what, std::uint32_t count, std::uint32_t of) noexcept;

  // The case cannot be asked here; it says so before it has looked at anything.
  void skip(const char* reason) noexcept { skipped_ = reason; }

  // As no case has touched it: no port bound, 2-level events with nothing pending, nothing masked, no upcall
  // wanted.
  void start_afresh() noexcept;

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::uint32_t values() const noexcept { return values_; }
  void next_case() noexcept {
    failed_ = false;
    skipped_ = nullptr;
  }
  // Writes the result line of the case that has run, with what a reader should know before it.
  void conclude(std::string_view name, std::string_view promise, const char* departure) noexcept;

 private:
  bool check_flag(const char* what, bool got, bool expected) noexcept;

  Machine& machine_;
  report::Ktap_results& results_;
  Release release_;
  bool failed_ = false;
  const char* skipped_ = nullptr;
  std::uint32_t values_ = 0;
};

struct Case {
  std::string_view name;     // a claim
  std::string_view promise;  // of Xen's, and where it stands; told if the claim does not hold
  void (*run)(Bench& bench);
  // Where what Xen does, and the case claims, is not what Xen's own documents say; told whenever the claim holds.
  const char* departure = nullptr;
};

struct Subject {
  std::string_view name;
  std::span<const Case> cases;
};

// In the order in which they can run one after the other.
[[nodiscard]] std::span<const Subject* const> subjects() noexcept;

// Runs all subjects, or those of one name.
[[nodiscard]] report::Verdict run(Machine& machine, report::Line_sink& sink, std::string_view only) noexcept;

}  // namespace enlighten::conformance
