// SPDX-License-Identifier: MIT
// The memory that a toolstack leaves a running guest: `xl mem-set`.
#pragma once

#include <cstdint>

#include <base/result.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

namespace enlighten::runtime {

// Follows memory/target from here on, beside everything else that the calling vCPU does, for as long as the guest
// lives: gives pages back to Xen, and asks for them again. `reserve` bytes stay for the program whatever the target
// is; what it takes of them afterwards is not made up for. What cannot be done is logged, and tried again when the
// target changes. An error if there is no xenstore.
[[nodiscard]] Task<Result<>> follow_memory_target(Guest& guest, std::uint64_t reserve = 4U << 20);

}  // namespace enlighten::runtime
