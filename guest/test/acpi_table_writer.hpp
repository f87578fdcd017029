// SPDX-License-Identifier: MIT
// Writes ACPI tables byte by byte, as Xen's toolstack lays them out for a guest, for tests to read and to break.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace enlighten::guest::test {

using Bytes = std::vector<std::byte>;

// Overwrites `size` bytes at `offset` with a little-endian number.
void put(Bytes& bytes, std::size_t offset, std::size_t size, std::uint64_t value);

struct Gicc {
  std::uint32_t cpu_interface = 0;
  std::uint32_t uid = 0;
  std::uint32_t flags = 1;
  std::uint64_t interface_base = 0;
  std::uint64_t redistributor_base = 0;
  std::uint64_t mpidr = 0;
  std::size_t length = 76;
};

// The structures of a MADT.
[[nodiscard]] Bytes gicc(const Gicc& fields);
[[nodiscard]] Bytes gicd(std::uint64_t base, std::uint8_t version);
[[nodiscard]] Bytes gicr(std::uint64_t base, std::uint32_t size);

// A table of `body` behind a header with the right length and checksum.
[[nodiscard]] Bytes table(std::string_view signature, const Bytes& body);
// A MADT of these structures.
[[nodiscard]] Bytes madt(std::initializer_list<Bytes> structures);
[[nodiscard]] Bytes madt(const std::vector<Bytes>& structures);
// What xl gives a guest of so many vCPUs: GICC per vCPU, GICD, on GICv3 a GICR ([xen] libxl_arm_acpi.c).
[[nodiscard]] Bytes xen_madt(std::uint32_t vcpus, std::uint8_t gic_version);
[[nodiscard]] Bytes xsdt(std::initializer_list<std::uint64_t> tables);
[[nodiscard]] Bytes rsdp(std::uint64_t xsdt);

// Makes the bytes' sum 0 again by what stands at `at`.
void seal(Bytes& bytes, std::size_t at, std::size_t size);

// Where a table keeps its length and its checksum.
constexpr std::size_t length_at = 4;
constexpr std::size_t checksum_at = 9;

// Physical memory with tables in it and nothing between.
class Memory {
 public:
  void place(std::uint64_t address, Bytes bytes) { tables_[address] = std::move(bytes); }
  [[nodiscard]] Bytes& at(std::uint64_t address) { return tables_.at(address); }
  [[nodiscard]] std::optional<std::span<const std::byte>> view(std::uint64_t address, std::size_t size) const;

 private:
  std::map<std::uint64_t, Bytes> tables_;
};

}  // namespace enlighten::guest::test
