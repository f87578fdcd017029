// SPDX-License-Identifier: MIT
// Nothing: on a machine, who goes first is decided by the machine.
#pragma once

namespace enlighten::arch {

inline void before_shared_access(const void* /*where*/) noexcept {}

}  // namespace enlighten::arch
