// SPDX-License-Identifier: MIT
// Where the C library's characters become lines.
#pragma once

namespace enlighten::runtime {

// Each CPU has a line of its own, written to the console when it ends or has report::longest_line characters.
void put_character(char character) noexcept;

}  // namespace enlighten::runtime
