// SPDX-License-Identifier: MIT
// Where the C library's characters become lines.
#pragma once

namespace enlighten::runtime {

// Each CPU has a line of its own, written to the console when it ends or is full.
void put_character(char character) noexcept;

}  // namespace enlighten::runtime
