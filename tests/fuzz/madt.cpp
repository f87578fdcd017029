// SPDX-License-Identifier: MIT
// Any bytes as physical memory with ACPI tables: the walk to the MADT and all walks in it end, within the memory.
#include <optional>
#include <vector>

#include <guest/acpi_tables.hpp>
#include <guest/madt.hpp>

#include "input.hpp"

namespace enlighten::fuzz {
namespace {

class Memory {
 public:
  explicit Memory(std::span<const std::uint8_t> bytes) : bytes_{bytes.begin(), bytes.end()} {}

  [[nodiscard]] std::optional<std::span<const std::byte>> view(std::uint64_t address, std::size_t size) const {
    if (address > bytes_.size() || size > bytes_.size() - address) {
      return std::nullopt;
    }
    return all().subspan(address, size);
  }
  [[nodiscard]] std::span<const std::byte> all() const { return std::as_bytes(std::span{bytes_}); }

  // Makes what is there add up to zero, which no mutation does by luck.
  void seal(std::uint64_t address, std::uint64_t size, std::size_t checksum_at) {
    if (!view(address, size) || size <= checksum_at) {
      return;
    }
    std::uint8_t& checksum = bytes_[address + checksum_at];
    checksum = 0;
    unsigned sum = 0;
    for (const std::uint8_t byte : std::span{bytes_}.subspan(address, size)) {
      sum += byte;
    }
    checksum = static_cast<std::uint8_t>(0U - sum);
  }
  // A table, as long as it says.
  void seal_table(std::uint64_t address) {
    constexpr std::size_t checksum_at = 9;
    if (const auto header = view(address, guest::acpi_header_size)) {
      seal(address, guest::acpi_header(*header).length, checksum_at);
    }
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

void seal_all(Memory& memory) {
  constexpr std::size_t first_part = 20;
  memory.seal(0, first_part, 8);
  memory.seal(0, guest::acpi_rsdp_size, 32);
  const auto rsdp = memory.view(0, guest::acpi_rsdp_size);
  const auto root = rsdp ? guest::acpi_xsdt_address(*rsdp) : Result<std::uint64_t>{0};
  if (!root) {
    return;
  }
  if (const auto xsdt = guest::acpi_table(memory, *root)) {
    for (std::size_t index = 0; const auto address = guest::acpi_xsdt_entry(*xsdt, index); ++index) {
      memory.seal_table(*address);
    }
  }
  memory.seal_table(*root);
}

void ask(const Result<guest::Madt>& madt, std::size_t bytes) {
  if (madt) {
    static_cast<void>(madt->distributor());
    walk_to_the_end(madt->processors(), bytes);
    walk_to_the_end(madt->redistributors(), bytes);
  }
}

}  // namespace
}  // namespace enlighten::fuzz

// The first byte: bit 0, the memory begins with a MADT instead of a root pointer; bit 1, checksums stay as they
// are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace enlighten;
  fuzz::Input input{data, size};
  const auto mode = input.take<std::uint8_t>();
  const bool is_madt = (mode & 1U) != 0;
  const bool sealed = (mode & 2U) == 0;
  fuzz::Memory memory{input.rest()};
  if (is_madt) {
    if (sealed) {
      memory.seal_table(0);
    }
    fuzz::ask(guest::Madt::open(memory.all()), size);
  } else {
    if (sealed) {
      fuzz::seal_all(memory);
    }
    fuzz::ask(guest::find_madt(memory, 0), size);
  }
  return 0;
}
