// SPDX-License-Identifier: MIT
// The emulated machine, and the domains on it, as asked for; and the limits of both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace enlighten::runner {

enum class Gic : std::uint8_t { v2 = 2, v3 = 3 };

enum class Beneath : std::uint8_t { xen, nothing };

// Every instruction is counted by a plugin of QEMU's, and is the machine's clock: the same files give the same
// counts.
struct Counting {
  std::filesystem::path qemu;    // one that can, for more than one CPU: version 10
  std::filesystem::path plugin;  // bench/counter
  std::filesystem::path marks;   // the file it writes
  unsigned seed = 1;             // of all that QEMU would draw by lot
};

// QEMU's `virt` machine.
struct Machine {
  Beneath beneath = Beneath::xen;
  Gic gic = Gic::v3;
  unsigned cpus = 2;
  std::uint64_t memory_mib = 1024;
  std::optional<Counting> counting = std::nullopt;
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
// One end of an event channel: a port of one of the domains of a boot.
struct Channel_end {
  std::size_t domain = 0;  // from 0, in the order in which they are created
  std::uint32_t port = 0;

  friend bool operator==(const Channel_end&, const Channel_end&) = default;
};

// An event channel that is there when its domains start, made by Xen at boot ("static").
struct Event_channel {
  Channel_end one;
  Channel_end other;
};

// A file in the machine's memory from the start, for Xen to find: a guest's image, until Xen has copied it into its
// domain.
struct Module {
  std::filesystem::path file;
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};
// Where the first module lies: above Xen, below the smallest machine's end.
inline constexpr std::uint64_t first_module_address = 0x4900'0000;
// The next one's place: modules keep a distance in which Xen can give pages back.
[[nodiscard]] std::uint64_t address_behind(const Module& module) noexcept;

// How much memory the emulated machine needs for Xen and these domains: their own, a 32nd of it for Xen's tables
// about them, and room for Xen with the modules, which end at `modules_end`.
[[nodiscard]] std::uint64_t machine_memory_mib(std::span<const Domain> domains, std::uint64_t modules_end);

// What this host could give a program that starts now.
[[nodiscard]] std::uint64_t available_host_memory_mib();

// Refuses, with the limit and its reason, what cannot be, before anything is started: of the machine, and of a
// domain and its image.
void check_limits(const Machine& machine);
void check_limits(const Machine& machine, const Domain& domain, std::uint64_t image_bytes);

}  // namespace enlighten::runner
