// SPDX-License-Identifier: MIT
// The emulated machine, and the domain on it, as asked for; and the limits of both.
#pragma once

#include <cstdint>
#include <string>

namespace enlighten::runner {

enum class Gic : std::uint8_t { v2 = 2, v3 = 3 };

enum class Beneath : std::uint8_t { xen, nothing };

// QEMU's `virt` machine.
struct Machine {
  Beneath beneath = Beneath::xen;
  Gic gic = Gic::v3;
  unsigned cpus = 2;
  std::uint64_t memory_mib = 1024;
};

// A guest as Xen creates it from the device tree at boot ("dom0less").
struct Domain {
  std::string name;
  unsigned vcpus = 4;
  std::uint64_t memory_mib = 128;
  std::string arguments;
};

// Where QEMU's virt machine and Xen's guests have their memory begin.
inline constexpr std::uint64_t memory_base = 0x4000'0000;
// Where the guest's image lies in the machine's memory until Xen copies it into the domain: above Xen, below the
// smallest machine's end.
inline constexpr std::uint64_t module_address = 0x4900'0000;

// How much memory the emulated machine needs for Xen and this domain: the domain's own, a 32nd of it for Xen's
// tables about it, and room for Xen with the modules at their addresses.
[[nodiscard]] std::uint64_t machine_memory_mib(const Domain& domain, std::uint64_t image_bytes);

// What this host could give a program that starts now.
[[nodiscard]] std::uint64_t available_host_memory_mib();

// Refuses, with the limit and its reason, what cannot be, before anything is started.
void check_limits(const Machine& machine, const Domain& domain, std::uint64_t image_bytes);

}  // namespace enlighten::runner
