// SPDX-License-Identifier: MIT
// The kinds of lines KTAP knows, each taken apart on its own ([ktap]).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <report_host/run.hpp>

namespace enlighten::report::ktap_line {

// `KTAP version 1`, or TAP's own version line, which KTAP has grown out of.
struct Version {
  bool known = false;
};

// `1..12`
struct Plan {
  std::uint64_t planned = 0;
};

// `ok 3 name # SKIP reason`; the number may be missing where it should not.
struct Result {
  std::optional<std::uint64_t> number;
  std::string name;
  Outcome outcome = Outcome::failed;
  std::string reason;
};

[[nodiscard]] std::optional<Version> version(std::string_view text);
[[nodiscard]] std::optional<Plan> plan(std::string_view text);
[[nodiscard]] std::optional<Result> result(std::string_view text);

}  // namespace enlighten::report::ktap_line
