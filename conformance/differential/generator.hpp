// SPDX-License-Identifier: MIT
// Programs that follow from a seed.
#pragma once

#include <cstdint>

#include <conformance/differential/step.hpp>

namespace enlighten::conformance::differential {

// Program number `index` of a seed: `length` steps by 1 to working_vcpus vCPUs. Any steps in any order are well
// formed; these are chosen to mean something to each other.
[[nodiscard]] Program generate(std::uint64_t seed, std::uint32_t index, std::uint32_t length) noexcept;

}  // namespace enlighten::conformance::differential
