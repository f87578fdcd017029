// SPDX-License-Identifier: MIT
// The time of day, as Xen's shared_info has it ([xen] xen.h, wc_*).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <abi/shared_info.hpp>

namespace enlighten::runtime {

// Since 1970-01-01, at the counter value `count`. Empty where nobody has told Xen the time, or where it never stops
// changing.
[[nodiscard]] std::optional<std::chrono::nanoseconds> read_wall_clock(abi::Shared_info& shared, std::uint64_t count,
                                                                      std::uint64_t frequency) noexcept;

}  // namespace enlighten::runtime
