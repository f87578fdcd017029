// SPDX-License-Identifier: MIT
// What a guest is told about the machine it runs on, as plain values: what a device tree or ACPI tables describe.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <base/ids.hpp>

namespace enlighten::guest {

// Physical addresses, from `base` for `size` bytes. What describes a range promises that base + size does not wrap.
struct Memory_range {
  std::uint64_t base = 0;
  std::uint64_t size = 0;

  friend constexpr bool operator==(const Memory_range&, const Memory_range&) noexcept = default;
};

// Whether a range goes on beyond the last address, as no range should.
[[nodiscard]] constexpr bool wraps(Memory_range range) noexcept {
  return range.base + range.size < range.base;
}

// What makes an interrupt line pending. The values are those of the third cell of an interrupt specifier
// ([dt] interrupt-controller/arm,gic.yaml).
enum class Trigger : std::uint8_t {
  rising_edge = 1,
  falling_edge = 2,
  high_level = 4,
  low_level = 8,
};

[[nodiscard]] constexpr bool is_edge(Trigger trigger) noexcept {
  return trigger == Trigger::rising_edge || trigger == Trigger::falling_edge;
}

// An interrupt line of the GIC's.
struct Interrupt_line {
  Interrupt interrupt;
  Trigger trigger;

  friend constexpr bool operator==(const Interrupt_line&, const Interrupt_line&) noexcept = default;
};

// How a CPU that is off is started.
enum class Enable_method : std::uint8_t {
  none,  // the tree does not say: a machine whose other CPUs cannot be started
  psci,
  other,  // spin-table and the like, which no Xen guest meets
};

struct Cpu_node {
  Mpidr mpidr;
  Enable_method enable_method;

  friend constexpr bool operator==(const Cpu_node&, const Cpu_node&) noexcept = default;
};

// The instruction that reaches the firmware.
enum class Psci_conduit : std::uint8_t { hvc, smc };

enum class Psci_version : std::uint8_t {
  v0_1,  // each machine has function identifiers of its own
  v0_2,
  v1_0,  // and later: PSCI_VERSION tells
};

// Function identifiers of PSCI 0.1; later versions have fixed ones ([psci] 5.1).
struct Psci_functions {
  std::uint32_t cpu_off;
  std::uint32_t cpu_on;
};

struct Psci_description {
  Psci_conduit conduit;
  Psci_version version;
  std::optional<Psci_functions> functions;  // with version 0.1, and only then
};

enum class Gic_version : std::uint8_t { v2 = 2, v3 = 3 };

struct Gic_description {
  Gic_version version;
  Memory_range distributor;
  // Version 2 only; empty with version 3, where a CPU's interface is system registers.
  Memory_range cpu_interface;
  // Version 3 only: how many regions Device_tree::redistributors() walks, and the distance in bytes from one CPU's
  // redistributor to the next within a region, where 0 says: as the redistributors themselves tell ([gic]
  // GICR_TYPER).
  std::uint32_t redistributor_regions = 0;
  std::uint64_t redistributor_stride = 0;
};

struct Timer_description {
  Interrupt_line virtual_timer;
  // In hertz, when firmware has not set CNTFRQ_EL0 right and the tree says so.
  std::optional<std::uint32_t> frequency;
};

struct Hypervisor_description {
  std::string_view version;  // of Xen as the tree names it, "4.17"; points into the tree
  Memory_range grant_region;
  std::uint32_t extended_regions;  // how many Device_tree::extended_regions() walks
  Interrupt_line upcall;
};

struct Chosen {
  std::string_view bootargs;     // points into the tree, as does the next
  std::string_view stdout_path;  // a path or an alias, without options such as ":115200n8"
  std::optional<Memory_range> initrd;
};

enum class Uart_kind : std::uint8_t {
  pl011,
  sbsa,  // the part of a PL011 that the Server Base System Architecture asks for; Xen's virtual UART
};

struct Uart_description {
  Uart_kind kind;
  Memory_range registers;
};

}  // namespace enlighten::guest
