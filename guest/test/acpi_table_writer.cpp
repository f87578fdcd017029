// SPDX-License-Identifier: MIT
// Offsets from [acpi] 5.2, written down a second time so that a misreading in the parser shows.
#include "acpi_table_writer.hpp"

#include <algorithm>

namespace enlighten::guest::test {
namespace {

Bytes text(std::string_view characters) {
  Bytes bytes;
  for (const char character : characters) {
    bytes.push_back(static_cast<std::byte>(character));
  }
  return bytes;
}

void append(Bytes& bytes, const Bytes& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

}  // namespace

void put(Bytes& bytes, std::size_t offset, std::size_t size, std::uint64_t value) {
  for (std::size_t index = 0; index < size; ++index) {
    bytes.at(offset + index) = static_cast<std::byte>(value >> (8 * index));
  }
}

void seal(Bytes& bytes, std::size_t at, std::size_t size) {
  bytes.at(at) = std::byte{0};
  unsigned sum = 0;
  for (std::size_t index = 0; index < size; ++index) {
    sum += std::to_integer<unsigned>(bytes.at(index));
  }
  bytes.at(at) = static_cast<std::byte>(256 - sum % 256);
}

Bytes gicc(const Gicc& fields) {
  // As long as the longest, then cut to the length asked for.
  Bytes bytes(std::max<std::size_t>(fields.length, 82));
  put(bytes, 0, 1, 0xb);
  put(bytes, 1, 1, fields.length);
  put(bytes, 4, 4, fields.cpu_interface);
  put(bytes, 8, 4, fields.uid);
  put(bytes, 12, 4, fields.flags);
  put(bytes, 32, 8, fields.interface_base);
  put(bytes, 60, 8, fields.redistributor_base);
  put(bytes, 68, 8, fields.mpidr);
  bytes.resize(fields.length);
  return bytes;
}

Bytes gicd(std::uint64_t base, std::uint8_t version) {
  Bytes bytes(24);
  put(bytes, 0, 1, 0xc);
  put(bytes, 1, 1, 24);
  put(bytes, 8, 8, base);
  put(bytes, 20, 1, version);
  return bytes;
}

Bytes gicr(std::uint64_t base, std::uint32_t size) {
  Bytes bytes(16);
  put(bytes, 0, 1, 0xe);
  put(bytes, 1, 1, 16);
  put(bytes, 4, 8, base);
  put(bytes, 12, 4, size);
  return bytes;
}

Bytes table(std::string_view signature, const Bytes& body) {
  Bytes bytes = text(signature);
  bytes.resize(36);
  append(bytes, body);
  put(bytes, length_at, 4, bytes.size());
  seal(bytes, checksum_at, bytes.size());
  return bytes;
}

Bytes madt(const std::vector<Bytes>& structures) {
  Bytes body(8);
  for (const Bytes& structure : structures) {
    append(body, structure);
  }
  return table("APIC", body);
}

Bytes madt(std::initializer_list<Bytes> structures) {
  return madt(std::vector<Bytes>{structures});
}

Bytes xen_madt(std::uint32_t vcpus, std::uint8_t gic_version) {
  std::vector<Bytes> structures;
  structures.reserve(vcpus + std::size_t{2});
  for (std::uint32_t vcpu = 0; vcpu < vcpus; ++vcpu) {
    structures.push_back(gicc({.cpu_interface = vcpu,
                               .uid = vcpu,
                               .interface_base = gic_version == 2 ? 0x3002000U : 0U,
                               .mpidr = (vcpu % 16) + (vcpu / 16) * 256}));
  }
  structures.push_back(gicd(0x3001000, gic_version));
  if (gic_version == 3) {
    structures.push_back(gicr(0x3020000, 0x1000000));
  }
  return madt(structures);
}

Bytes xsdt(std::initializer_list<std::uint64_t> tables) {
  Bytes body;
  for (const std::uint64_t address : tables) {
    body.resize(body.size() + 8);
    put(body, body.size() - 8, 8, address);
  }
  return table("XSDT", body);
}

Bytes rsdp(std::uint64_t xsdt) {
  Bytes bytes = text("RSD PTR ");
  bytes.resize(36);
  put(bytes, 15, 1, 2);
  put(bytes, 20, 4, 36);
  put(bytes, 24, 8, xsdt);
  seal(bytes, 8, 20);
  seal(bytes, 32, 36);
  return bytes;
}

std::optional<std::span<const std::byte>> Memory::view(std::uint64_t address, std::size_t size) const {
  const auto found = tables_.find(address);
  if (found == tables_.end() || found->second.size() < size) {
    return std::nullopt;
  }
  return std::span{found->second}.first(size);
}

}  // namespace enlighten::guest::test
