// SPDX-License-Identifier: MIT
// Reads ACPI's Multiple APIC Description Table as Arm machines have it: processors, GIC distributor,
// redistributors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <base/ids.hpp>
#include <base/result.hpp>
#include <guest/machine.hpp>

namespace enlighten::guest {

enum class Processor_state : std::uint8_t {
  enabled,
  online_capable,  // off, and may be brought up later (ACPI 6.5)
  disabled,        // not to be used
};

// A GICC structure ([acpi] 5.2.12.14).
struct Madt_processor {
  std::uint32_t cpu_interface;
  std::uint32_t uid;
  Processor_state state;
  std::optional<Mpidr> mpidr;        // ACPI 5.0 has none
  std::uint64_t interface_base;      // of GICv2's CPU interface; 0 with GICv3
  std::uint64_t redistributor_base;  // 0: see Madt::redistributors()
};

// The GICD structure ([acpi] 5.2.12.15).
struct Madt_distributor {
  std::uint64_t base;
  std::uint8_t version;  // of the GIC; 0 where the firmware leaves it to the hardware to tell
};

// The table's structures of one type, one a call.
class Madt_walk {
 protected:
  friend class Madt;
  explicit Madt_walk(std::span<const std::byte> table) noexcept;
  [[nodiscard]] Result<std::span<const std::byte>> next_of(std::uint8_t type, std::size_t least) noexcept;
  // The walk is over.
  void end() noexcept { offset_ = table_.size(); }

 private:
  std::span<const std::byte> table_;
  std::size_t offset_;
};

class Madt_processor_walk : private Madt_walk {
 public:
  // Empty after the last one. After an error the walk is over.
  [[nodiscard]] Result<std::optional<Madt_processor>> next() noexcept;

 private:
  friend class Madt;
  using Madt_walk::Madt_walk;
};

class Madt_redistributor_walk : private Madt_walk {
 public:
  // Empty after the last one. After an error the walk is over.
  [[nodiscard]] Result<std::optional<Memory_range>> next() noexcept;

 private:
  friend class Madt;
  using Madt_walk::Madt_walk;
};

// Holds no copy of the table. An error's text says where in the table what was found and what was expected.
class Madt {
 public:
  // Checks signature, length, checksum, and that the structures fill the table exactly. `bytes` may go on behind
  // it.
  [[nodiscard]] static Result<Madt> open(std::span<const std::byte> bytes) noexcept;

  [[nodiscard]] Madt_processor_walk processors() const noexcept { return Madt_processor_walk{table_}; }
  [[nodiscard]] Madt_redistributor_walk redistributors() const noexcept { return Madt_redistributor_walk{table_}; }
  [[nodiscard]] Result<std::optional<Madt_distributor>> distributor() const noexcept;

 private:
  explicit Madt(std::span<const std::byte> table) noexcept : table_{table} {}

  std::span<const std::byte> table_;
};

}  // namespace enlighten::guest
