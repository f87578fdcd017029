// SPDX-License-Identifier: MIT
// Which interrupt controller there is and where, as plain addresses; from a device tree or from ACPI tables.
#pragma once

#include <array>
#include <cstdint>

namespace enlighten::arch {

enum class Gic_version : std::uint8_t { v2 = 2, v3 = 3 };

// As this CPU accesses it: mapped as device memory by the time a Gic is made of it.
struct Register_range {
  std::uintptr_t base = 0;
  std::size_t size = 0;
};

struct Gic_description {
  static constexpr std::size_t most_redistributor_regions = 8;

  Gic_version version;
  Register_range distributor;
  Register_range cpu_interface{};                                           // version 2
  std::array<Register_range, most_redistributor_regions> redistributors{};  // version 3, the first of them
  std::uint32_t redistributor_regions = 0;                                  // so many
  std::size_t redistributor_stride = 0;  // version 3, bytes from one CPU's to the next's; 0: as GICR_TYPER tells
};

}  // namespace enlighten::arch
