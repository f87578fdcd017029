// SPDX-License-Identifier: MIT
// Builds the map of vCPU identities from what describes the machine's CPUs.
#pragma once

#include <span>

#include <base/result.hpp>
#include <guest/device_tree.hpp>
#include <guest/madt.hpp>
#include <guest/vcpu_identity.hpp>

namespace enlighten::guest {

// Sources mpidr, device_tree and direct. `boot` is the affinity in this CPU's register; `storage` as
// Vcpu_map_builder has it.
[[nodiscard]] Result<Vcpu_map> discover_vcpus(const Device_tree& tree, Identity_source source, Mpidr boot,
                                              std::span<Vcpu_identity> storage) noexcept;

// Sources mpidr, acpi_madt and direct. A processor that is neither enabled nor can be is passed over.
[[nodiscard]] Result<Vcpu_map> discover_vcpus(const Madt& madt, Identity_source source, Mpidr boot,
                                              std::span<Vcpu_identity> storage) noexcept;

}  // namespace enlighten::guest
