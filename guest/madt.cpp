// SPDX-License-Identifier: MIT
// Where the MADT's structures have their fields, and what is checked of them ([acpi] 5.2.12).
#include <guest/madt.hpp>

#include <cinttypes>

#include <guest/acpi_tables.hpp>

#include "acpi_bytes.hpp"

namespace enlighten::guest {
namespace {

constexpr std::size_t first_structure = 44;  // behind the header, x86's local APIC address and flags
constexpr std::size_t least_structure = 2;   // type and length

constexpr std::uint8_t gicc_type = 0xb;
constexpr std::uint8_t gicd_type = 0xc;
constexpr std::uint8_t gicr_type = 0xe;

// GICC has grown: 40 bytes in ACPI 5.0, 76 in 5.1, 80 in 6.0, 82 in 6.5. What is longer still begins like these.
constexpr std::size_t gicc_5_0 = 40;
constexpr std::size_t gicc_5_1 = 76;
constexpr std::size_t gicd_size = 24;
constexpr std::size_t gicr_size = 16;

constexpr std::uint32_t flag_enabled = 1U << 0U;
constexpr std::uint32_t flag_online_capable = 1U << 3U;

Processor_state state_of(std::uint32_t flags) noexcept {
  if ((flags & flag_enabled) != 0) {
    return Processor_state::enabled;
  }
  return (flags & flag_online_capable) != 0 ? Processor_state::online_capable : Processor_state::disabled;
}

}  // namespace

Madt_walk::Madt_walk(std::span<const std::byte> table) noexcept : table_{table}, offset_{first_structure} {}

Result<std::span<const std::byte>> Madt_walk::next_of(std::uint8_t type, std::size_t least) noexcept {
  while (offset_ < table_.size()) {
    const std::span<const std::byte> structure = table_.subspan(offset_, read_u8(table_, offset_ + 1));
    if (read_u8(structure, 0) == type) {
      if (structure.size() < least) {
        const Error error =
            Error::make(Error_kind::description,
                        "ACPI MADT: structure of type 0x%x at offset %zu has %zu bytes, expected at least %zu",
                        type, offset_, structure.size(), least);
        offset_ = table_.size();
        return error;
      }
      offset_ += structure.size();
      return structure;
    }
    offset_ += structure.size();
  }
  return std::span<const std::byte>{};
}

Result<Madt> Madt::open(std::span<const std::byte> bytes) noexcept {
  ENLIGHTEN_TRY(acpi_check_table(bytes, acpi_signature("APIC")));
  const std::span<const std::byte> table = bytes.first(acpi_header(bytes).length);
  if (table.size() < first_structure) {
    return Error::make(Error_kind::description, "ACPI MADT: has %zu bytes, expected at least 44", table.size());
  }
  for (std::size_t offset = first_structure; offset < table.size();) {
    const std::size_t left = table.size() - offset;
    const std::size_t length = left < least_structure ? 0 : read_u8(table, offset + 1);
    if (length < least_structure || length > left) {
      return Error::make(Error_kind::description,
                         "ACPI MADT: structure at offset %zu has length %zu, expected 2 to %zu", offset, length,
                         left);
    }
    offset += length;
  }
  return Madt{table};
}

Result<std::optional<Madt_processor>> Madt_processor_walk::next() noexcept {
  const std::span<const std::byte> gicc = ENLIGHTEN_TRY(next_of(gicc_type, gicc_5_0));
  if (gicc.empty()) {
    return std::nullopt;
  }
  Madt_processor processor{.cpu_interface = read_u32(gicc, 4),
                           .uid = read_u32(gicc, 8),
                           .state = state_of(read_u32(gicc, 12)),
                           .mpidr = std::nullopt,
                           .interface_base = read_u64(gicc, 32),
                           .redistributor_base = 0};
  if (gicc.size() >= gicc_5_1) {
    const std::uint64_t affinity = read_u64(gicc, 68);
    processor.mpidr = mpidr_from_register(affinity);
    // What firmware left in the entry of a processor that is not there is nobody's business.
    if (processor.mpidr->value() != affinity && processor.state != Processor_state::disabled) {
      end();
      return Error::make(Error_kind::description,
                         "ACPI MADT: processor %" PRIu32 " has MPIDR 0x%" PRIx64 ", expected affinity bits only",
                         processor.uid, affinity);
    }
    processor.redistributor_base = read_u64(gicc, 60);
  }
  return processor;
}

Result<std::optional<Memory_range>> Madt_redistributor_walk::next() noexcept {
  const std::span<const std::byte> gicr = ENLIGHTEN_TRY(next_of(gicr_type, gicr_size));
  if (gicr.empty()) {
    return std::nullopt;
  }
  const Memory_range range{read_u64(gicr, 4), read_u32(gicr, 12)};
  if (wraps(range)) {
    end();
    return Error::make(Error_kind::description,
                       "ACPI MADT: redistributors have 0x%" PRIx64 " bytes at 0x%" PRIx64
                       ", beyond the last address",
                       range.size, range.base);
  }
  return range;
}

Result<std::optional<Madt_distributor>> Madt::distributor() const noexcept {
  Madt_walk walk{table_};
  const std::span<const std::byte> gicd = ENLIGHTEN_TRY(walk.next_of(gicd_type, gicd_size));
  if (gicd.empty()) {
    return std::nullopt;
  }
  return Madt_distributor{.base = read_u64(gicd, 8), .version = read_u8(gicd, 20)};
}

}  // namespace enlighten::guest
