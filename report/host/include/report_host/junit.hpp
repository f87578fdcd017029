// SPDX-License-Identifier: MIT
// A run as JUnit XML, for continuous-integration servers to show.
#pragma once

#include <string>

#include <report_host/run.hpp>

namespace enlighten::report {

// One test suite a domain, one test case a test, and in the suite `run` one case that is the verdict on the whole:
// a run whose every test passed but that timed out is red. So is each of several domains. Always well-formed XML,
// whatever the guest printed.
[[nodiscard]] std::string to_junit(const Run& run);

}  // namespace enlighten::report
