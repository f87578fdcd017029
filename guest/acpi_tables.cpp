// SPDX-License-Identifier: MIT
// What is checked of ACPI's root pointer, of a table's header and of the XSDT ([acpi] 5.2.5 to 5.2.8).
#include <guest/acpi_tables.hpp>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <string_view>

#include "acpi_bytes.hpp"

namespace enlighten::guest {
namespace {

constexpr std::uint32_t largest_table = 1U << 20U;  // a length beyond is taken for garbage
constexpr std::size_t entry_size = 8;

bool adds_up_to_zero(std::span<const std::byte> bytes) noexcept {
  unsigned sum = 0;
  for (const std::byte byte : bytes) {
    sum += std::to_integer<unsigned>(byte);
  }
  return sum % 256 == 0;
}

// A signature as text, with anything that is not a printable character as "?".
std::array<char, 5> text_of(std::uint32_t signature) noexcept {
  std::array<char, 5> text{};
  for (unsigned index = 0; index < 4; ++index) {
    const auto character = static_cast<char>(signature >> (8 * index) & 0xffU);
    text[index] = character < ' ' || character > '~' ? '?' : character;
  }
  return text;
}

}  // namespace

Result<std::uint64_t> acpi_xsdt_address(std::span<const std::byte> rsdp) noexcept {
  constexpr std::string_view signature{"RSD PTR "};
  constexpr std::size_t first_part = 20;  // ACPI 1.0's, with a checksum of its own
  constexpr std::size_t at_revision = 15;
  constexpr std::size_t at_xsdt = 24;
  const auto matches = [](std::byte byte, char character) { return byte == static_cast<std::byte>(character); };
  if (!std::ranges::equal(rsdp.first(signature.size()), signature, matches)) {
    return Error::make(Error_kind::description, "ACPI RSDP: does not begin with \"RSD PTR \"");
  }
  if (!adds_up_to_zero(rsdp.first(first_part))) {
    return Error::make(Error_kind::description, "ACPI RSDP: wrong checksum over 20 bytes");
  }
  if (const std::uint8_t revision = read_u8(rsdp, at_revision); revision < 2) {
    return Error::make(Error_kind::description, "ACPI RSDP: has revision %u, expected 2 or later", revision);
  }
  if (!adds_up_to_zero(rsdp.first(acpi_rsdp_size))) {
    return Error::make(Error_kind::description, "ACPI RSDP: wrong checksum over 36 bytes");
  }
  return read_u64(rsdp, at_xsdt);
}

Acpi_header acpi_header(std::span<const std::byte> header) noexcept {
  return {read_u32(header, 0), read_u32(header, 4)};
}

Result<> acpi_check_length(std::uint64_t address, Acpi_header header) noexcept {
  if (header.length < acpi_header_size || header.length > largest_table) {
    return Error::make(Error_kind::description,
                       "ACPI %s at 0x%" PRIx64 ": has %" PRIu32 " bytes, expected 36 to 1048576",
                       text_of(header.signature).data(), address, header.length);
  }
  return {};
}

Result<> acpi_check_table(std::span<const std::byte> table, std::uint32_t signature) noexcept {
  const auto expected = text_of(signature);
  if (table.size() < acpi_header_size) {
    return Error::make(Error_kind::description, "ACPI %s: has %zu bytes, expected at least 36", expected.data(),
                       table.size());
  }
  const Acpi_header header = acpi_header(table);
  if (header.signature != signature) {
    return Error::make(Error_kind::description, "ACPI %s: begins with \"%s\"", expected.data(),
                       text_of(header.signature).data());
  }
  if (header.length < acpi_header_size || header.length > table.size()) {
    return Error::make(Error_kind::description, "ACPI %s: says it has %" PRIu32 " bytes, expected 36 to %zu",
                       expected.data(), header.length, table.size());
  }
  if (!adds_up_to_zero(table.first(header.length))) {
    return Error::make(Error_kind::description, "ACPI %s: wrong checksum over %" PRIu32 " bytes", expected.data(),
                       header.length);
  }
  return {};
}

std::optional<std::uint64_t> acpi_xsdt_entry(std::span<const std::byte> xsdt, std::size_t index) noexcept {
  if (index >= (xsdt.size() - acpi_header_size) / entry_size) {
    return std::nullopt;
  }
  return read_u64(xsdt, acpi_header_size + index * entry_size);
}

Error acpi_unreadable(std::uint64_t address, std::size_t size) noexcept {
  return Error::make(Error_kind::description, "ACPI: no table can be read at 0x%" PRIx64 " (%zu bytes)", address,
                     size);
}

Error acpi_no_madt() noexcept {
  return Error::make(Error_kind::description, "ACPI XSDT: has no MADT among its tables");
}

}  // namespace enlighten::guest
