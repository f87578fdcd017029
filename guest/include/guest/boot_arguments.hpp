// SPDX-License-Identifier: MIT
// Finds words of the form key=value in the command line a guest is booted with.
#pragma once

#include <optional>
#include <string_view>

namespace enlighten::guest {

// The value of the last word `key=value` (the later word wins, so that what is appended overrides); empty optional
// when no word has this key. Words are parted by blanks; there is no quoting.
[[nodiscard]] std::optional<std::string_view> boot_argument(std::string_view bootargs,
                                                            std::string_view key) noexcept;

}  // namespace enlighten::guest
