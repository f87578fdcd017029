// SPDX-License-Identifier: MIT
// Finds an ACPI table from the root pointer on, checking each step: RSDP, XSDT, table.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <base/result.hpp>
#include <guest/madt.hpp>

namespace enlighten::guest {

// How tables at physical addresses are read: the bytes there, or nothing if `size` of them are not ours to read.
// They stay readable as long as what is found is used.
template <typename Memory>
concept Physical_memory = requires(const Memory& memory, std::uint64_t address, std::size_t size) {
  { memory.view(address, size) } -> std::same_as<std::optional<std::span<const std::byte>>>;
};

constexpr std::size_t acpi_rsdp_size = 36;    // from ACPI 2.0 on ([acpi] 5.2.5.3)
constexpr std::size_t acpi_header_size = 36;  // what every other table begins with ([acpi] 5.2.6)

// A table's signature as the number that its first four bytes are.
[[nodiscard]] constexpr std::uint32_t acpi_signature(const char (&name)[5]) noexcept {
  std::uint32_t value = 0;
  for (unsigned index = 0; index < 4; ++index) {
    value |= std::uint32_t{static_cast<unsigned char>(name[index])} << (8 * index);
  }
  return value;
}

struct Acpi_header {
  std::uint32_t signature;
  std::uint32_t length;  // of the table, this header included
};

// Where the XSDT is, by an RSDP of acpi_rsdp_size bytes.
[[nodiscard]] Result<std::uint64_t> acpi_xsdt_address(std::span<const std::byte> rsdp) noexcept;
// The first acpi_header_size bytes of a table, whatever they hold.
[[nodiscard]] Acpi_header acpi_header(std::span<const std::byte> header) noexcept;
// Checks a whole table's header and checksum.
[[nodiscard]] Result<> acpi_check_table(std::span<const std::byte> table, std::uint32_t signature) noexcept;
// A table's address by entry number `index` of a checked XSDT; empty behind the last.
[[nodiscard]] std::optional<std::uint64_t> acpi_xsdt_entry(std::span<const std::byte> xsdt,
                                                           std::size_t index) noexcept;
// Errors of the walk.
[[nodiscard]] Error acpi_unreadable(std::uint64_t address, std::size_t size) noexcept;
[[nodiscard]] Error acpi_no_madt() noexcept;
[[nodiscard]] Result<> acpi_check_length(std::uint64_t address, Acpi_header header) noexcept;

template <Physical_memory Memory>
[[nodiscard]] Result<std::span<const std::byte>> acpi_view(const Memory& memory, std::uint64_t address,
                                                           std::size_t size) noexcept {
  const std::optional<std::span<const std::byte>> bytes = memory.view(address, size);
  if (!bytes || bytes->size() != size) {
    return acpi_unreadable(address, size);
  }
  return *bytes;
}

// All of the table at `address`, as long as its header says.
template <Physical_memory Memory>
[[nodiscard]] Result<std::span<const std::byte>> acpi_table(const Memory& memory, std::uint64_t address) noexcept {
  const Acpi_header header = acpi_header(ENLIGHTEN_TRY(acpi_view(memory, address, acpi_header_size)));
  ENLIGHTEN_TRY(acpi_check_length(address, header));
  return acpi_view(memory, address, header.length);
}

// Follows the root pointer at `rsdp` to the MADT.
template <Physical_memory Memory>
[[nodiscard]] Result<Madt> find_madt(const Memory& memory, std::uint64_t rsdp) noexcept {
  const std::uint64_t root =
      ENLIGHTEN_TRY(acpi_xsdt_address(ENLIGHTEN_TRY(acpi_view(memory, rsdp, acpi_rsdp_size))));
  const std::span<const std::byte> xsdt = ENLIGHTEN_TRY(acpi_table(memory, root));
  ENLIGHTEN_TRY(acpi_check_table(xsdt, acpi_signature("XSDT")));
  std::optional<std::uint64_t> address;
  for (std::size_t index = 0; (address = acpi_xsdt_entry(xsdt, index)); ++index) {
    const Acpi_header header = acpi_header(ENLIGHTEN_TRY(acpi_view(memory, *address, acpi_header_size)));
    if (header.signature == acpi_signature("APIC")) {
      return Madt::open(ENLIGHTEN_TRY(acpi_table(memory, *address)));
    }
  }
  return acpi_no_madt();
}

}  // namespace enlighten::guest
