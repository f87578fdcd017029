// SPDX-License-Identifier: MIT
// What this backend is called where people and tools read it.
#pragma once

namespace enlighten::arch {

inline constexpr const char* architecture = "aarch64";

}  // namespace enlighten::arch
