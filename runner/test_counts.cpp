// SPDX-License-Identifier: MIT
// How many tests CTest ran, and how they ended.
#include <runner/test_counts.hpp>

#include <cctype>

#include <fmt/format.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

unsigned attribute(const std::string& element, const char* name) {
  const std::string start = fmt::format("{}=\"", name);
  for (std::size_t at = element.find(start); at != std::string::npos; at = element.find(start, at + 1)) {
    const std::string value = element.substr(at + start.size());
    if (at != 0 && std::isspace(static_cast<unsigned char>(element[at - 1])) != 0 && !value.empty() &&
        std::isdigit(static_cast<unsigned char>(value.front())) != 0) {
      return static_cast<unsigned>(std::stoul(value));
    }
  }
  throw Failure{"ctest's JUnit file does not tell the number of {}", name};
}

}  // namespace

std::string Test_counts::text() const {
  const std::string text = fmt::format("{} passed, {} failed", passed, failed);
  return skipped == 0 ? text : fmt::format("{}, {} skipped", text, skipped);
}

Test_counts& Test_counts::operator+=(const Test_counts& other) noexcept {
  passed += other.passed;
  failed += other.failed;
  skipped += other.skipped;
  return *this;
}

Test_counts read_test_counts(const std::string& junit) {
  const std::size_t start = junit.find("<testsuite ");
  const std::string element = start == std::string::npos ? "" : junit.substr(start, junit.find('>', start) - start);
  const unsigned total = attribute(element, "tests");
  const unsigned failed = attribute(element, "failures");
  const unsigned skipped = attribute(element, "skipped") + attribute(element, "disabled");
  return {.passed = total - failed - skipped, .failed = failed, .skipped = skipped};
}

}  // namespace enlighten::runner
