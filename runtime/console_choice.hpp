// SPDX-License-Identifier: MIT
// Which console a domain of Xen's writes to, found out before anything is written.
#pragma once

#include <base/result.hpp>

namespace enlighten::runtime {

// Xen's own where it lets this domain, else the one that a toolstack made. With the start-up tables in use.
void choose_console() noexcept;

// Maps what it needs in the final tables.
[[nodiscard]] Result<> keep_console() noexcept;

}  // namespace enlighten::runtime
