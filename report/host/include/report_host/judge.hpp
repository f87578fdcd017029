// SPDX-License-Identifier: MIT
// The rule that turns what was seen of a run into its verdict.
#pragma once

#include <string>

#include <report_host/run.hpp>

namespace enlighten::report {

struct Judgement {
  Verdict verdict;
  std::string reason;  // one sentence without a full stop
};

// The verdict on one domain of a machine that stopped in order. The first line that applies:
//
//   Xen refused the domain                              error
//   it crashed, printed a panic, or says crash          crash
//   no end record                                       crash
//   it says timeout                                     timeout
//   a test failed                                       failure
//   it says error                                       error
//   its KTAP has a problem (plan missing or unmet, ...) failure
//   it says failure, or success with a non-zero code    failure
//   it says skip, or all of its tests were skipped      skip
//   otherwise                                           success
[[nodiscard]] Judgement judge(const Domain& domain);

// The verdict on a run. A machine that did not stop in order decides alone: timed_out is a timeout, everything else
// an error, because no domain can be blamed. Otherwise the worst of the domains' verdicts: timeout, crash, failure,
// error, success, skip; a run is a skip only when every domain is.
[[nodiscard]] Judgement judge(const Run& run);

// The verdict on one domain of a run: a machine that did not stop in order decides about those that had not ended.
[[nodiscard]] Judgement judge(const Run& run, const Domain& domain);

// Fills in verdicts and reasons, and Xen's version from the first domain that read one.
void conclude(Run& run);

}  // namespace enlighten::report
