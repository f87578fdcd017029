// SPDX-License-Identifier: MIT
// What xl is told of a guest ([xen] docs/man/xl.cfg.5.pod.in).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <runner/machine.hpp>

namespace enlighten::runner {

// A whole configuration; `kernel` is the image's path where xl runs.
[[nodiscard]] std::string xl_config(const Domain& domain, std::string_view kernel);

// A configuration of the user's own, with what only the runner knows behind it, where it has the last word: the
// image, the name, and that a guest which has ended is not started again.
[[nodiscard]] std::string adapt_xl_config(std::string_view own, const Domain& domain, std::string_view kernel);

// The value of `key = "value"` or `key = number` in a configuration; of several the last.
[[nodiscard]] std::optional<std::string> xl_setting(std::string_view config, std::string_view key);

[[nodiscard]] std::optional<std::uint64_t> xl_number(std::string_view config, std::string_view key);

}  // namespace enlighten::runner
