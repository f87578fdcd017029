// SPDX-License-Identifier: MIT
// Xen's rule between a vCPU's id and its affinity ([xen] asm-arm/domain.h, vcpuid_to_vaffinity and its inverse).
#pragma once

#include <cstdint>

#include <base/ids.hpp>

namespace enlighten::model {

// Sixteen vCPUs to a cluster.
[[nodiscard]] constexpr Mpidr affinity_of(Vcpu_id vcpu) noexcept {
  const std::uint64_t id = vcpu.value();
  return Mpidr{(id & 0xfU) | (id >> 4U & 0xffU) << 8U};
}

// What Xen takes an affinity for, whether there is such a vCPU or not: Aff0 is not cut to the four bits it has, and
// Aff2 and Aff3 are not looked at.
[[nodiscard]] constexpr std::uint64_t id_of(std::uint64_t affinity) noexcept {
  return (affinity & 0xffU) | (affinity >> 8U & 0xffU) << 4U;
}

}  // namespace enlighten::model
