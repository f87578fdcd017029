// SPDX-License-Identifier: MIT
// A run as JSON, for programs to read; report/README.md describes the members.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include <report_host/run.hpp>

namespace enlighten::report {

// Grows with every member that is renamed, removed, or means something else; a new member leaves it as it is.
inline constexpr int json_schema = 1;

[[nodiscard]] nlohmann::ordered_json to_json(const Run& run);

// The same as a file holds it: indented, with a line end, in valid UTF-8 whatever the guest printed.
[[nodiscard]] std::string json_text(const Run& run);

}  // namespace enlighten::report
