// SPDX-License-Identifier: MIT
// Where Xen departs from its own documents, as the conformance cases have found it: for who can change either.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <runner/compare_results.hpp>
#include <runner/conformance_pages.hpp>

namespace enlighten::runner {

struct Departure {
  std::string name;                 // of the case
  std::string promise;              // with its source
  std::string departure;            // what Xen does instead
  std::string reproduce;            // the calls
  std::string text;                 // the case's page
  std::vector<std::string> values;  // as measured, counts among them
};

// Of cases that tell of one, each once, with what its page says.
[[nodiscard]] std::vector<Departure> find_departures(std::span<const Case_result> results,
                                                     std::span<const Page> pages);

// A few lines each.
[[nodiscard]] std::string departures_summary(const std::vector<Departure>& departures);

// All there is, as Markdown. `xen`: which one was asked, in full.
[[nodiscard]] std::string departures_document(const std::vector<Departure>& departures, const std::string& xen);

}  // namespace enlighten::runner
