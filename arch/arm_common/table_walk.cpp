// SPDX-License-Identifier: MIT
// The walk of table_walk.hpp.
#include "table_walk.hpp"

#include <stdexcept>

namespace enlighten::arch::test {
namespace {

std::uint64_t bits(std::uint64_t value, unsigned high, unsigned low) {
  return (value >> low) & ((std::uint64_t{1} << (high - low + 1)) - 1);
}

}  // namespace

std::optional<Walk_result> walk(const Host_tables& tables, std::uint64_t top, unsigned input_bits,
                                std::uint64_t address) {
  if (input_bits < 64 && address >> input_bits != 0) {
    return std::nullopt;
  }
  // Which address bits each level looks at: 47:39, 38:30, 29:21, 20:12.
  struct Level {
    unsigned high, low;
  };
  constexpr std::array<Level, 4> levels{{{47, 39}, {38, 30}, {29, 21}, {20, 12}}};
  // The first level is the one whose bits hold the topmost input bit.
  unsigned level = 0;
  while (levels.at(level).low > input_bits - 1) {
    ++level;
  }
  std::uint64_t table = top;
  for (;; ++level) {
    const auto [high, low] = levels.at(level);
    const std::uint64_t entry = tables.read_entry(table, static_cast<unsigned>(bits(address, high, low)));
    if (bits(entry, 0, 0) == 0) {
      return std::nullopt;
    }
    if (bits(entry, 1, 1) == 1 && level < 3) {
      if (bits(entry, 63, 59) != 0 || bits(entry, 51, 48) != 0) {
        throw std::runtime_error{"a table entry restricts what is below it, or has reserved bits"};
      }
      table = bits(entry, 47, 12) << 12;
      continue;
    }
    if ((level == 3 && bits(entry, 1, 1) == 0) || level == 0) {
      throw std::runtime_error{"a reserved kind of entry"};
    }
    const std::uint64_t span = std::uint64_t{1} << low;
    const std::uint64_t base = bits(entry, 47, 12) << 12;
    if (base % span != 0 || bits(entry, 51, 48) != 0 || bits(entry, 5, 5) != 0 || bits(entry, 63, 55) != 0) {
      throw std::runtime_error{"reserved bits of a block or page"};
    }
    const std::uint64_t attribute = bits(entry, 4, 2);
    if (attribute > 1) {
      throw std::runtime_error{"an attribute index that MAIR does not define"};
    }
    return Walk_result{
        .output = base + address % span,
        .span = span,
        .write = bits(entry, 7, 7) == 0,
        .execute = bits(entry, 53, 53) == 0,
        .el0_any = bits(entry, 6, 6) == 1 || bits(entry, 54, 54) == 0,
        .device = attribute == 1,
        .inner_shareable = bits(entry, 9, 8) == 3,
        .access_flag = bits(entry, 10, 10) == 1,
        .not_global = bits(entry, 11, 11) == 1,
    };
  }
}

}  // namespace enlighten::arch::test
