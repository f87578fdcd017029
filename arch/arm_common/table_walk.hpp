// SPDX-License-Identifier: MIT
// For tests: tables in host memory, and a walk over them written from the manual alone, as hardware would do it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace enlighten::arch::test {

// Hands out pages from an address that no host pointer has, so that a table taken for a pointer is found out.
class Host_tables {
 public:
  explicit Host_tables(std::size_t capacity) : capacity_{capacity} {}

  std::optional<std::uint64_t> allocate_table() {
    if (tables_.size() == capacity_) {
      return std::nullopt;
    }
    const std::uint64_t address = 0x7f'1234'0000 + 4096 * tables_.size();
    tables_.emplace(address, Table{});
    return address;
  }
  std::uint64_t read_entry(std::uint64_t table, unsigned index) const { return tables_.at(table).at(index); }
  void write_entry(std::uint64_t table, unsigned index, std::uint64_t raw) { tables_.at(table).at(index) = raw; }

  [[nodiscard]] std::size_t used() const { return tables_.size(); }
  void allow(std::size_t more) { capacity_ += more; }

 private:
  using Table = std::array<std::uint64_t, 512>;
  std::map<std::uint64_t, Table> tables_;
  std::size_t capacity_;
};

struct Walk_result {
  std::uint64_t output;
  std::uint64_t span;  // bytes that one entry stands for
  bool write;
  bool execute;
  bool el0_any;
  bool device;
  bool inner_shareable;
  bool access_flag;
  bool not_global;
};

// AArch64.S1Walk for a 4 KiB granule and an input of `input_bits`, without hierarchical permissions ([arm] D8.2.8,
// D8.3, D8.4.1). Empty: a translation fault. Throws for an entry that the manual reserves.
std::optional<Walk_result> walk(const Host_tables& tables, std::uint64_t top, unsigned input_bits,
                                std::uint64_t address);

}  // namespace enlighten::arch::test
