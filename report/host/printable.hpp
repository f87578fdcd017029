// SPDX-License-Identifier: MIT
// Makes text out of whatever bytes a guest printed.
#pragma once

#include <string>
#include <string_view>

namespace enlighten::report {

// Valid UTF-8 that XML 1.0 and terminals can hold: tabs and line ends stay, other control characters and bytes that
// are no UTF-8 become \xHH.
[[nodiscard]] std::string printable(std::string_view bytes);

}  // namespace enlighten::report
