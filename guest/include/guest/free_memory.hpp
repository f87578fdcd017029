// SPDX-License-Identifier: MIT
// The pieces of RAM that nothing has been loaded to and the device tree reserves for nobody.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <abi/frame.hpp>
#include <base/result.hpp>
#include <base/rounding.hpp>
#include <guest/device_tree.hpp>

namespace enlighten::guest {

// With every page that the range touches.
[[nodiscard]] constexpr Memory_range whole_pages(Memory_range range) noexcept {
  const std::uint64_t start = round_down(range.base, abi::page_size);
  return {start, round_up(range.base + range.size, abi::page_size) - start};
}

// Everything in RAM that is not free, one range after the other: what was loaded, and what the tree reserves.
class Taken_walk {
 public:
  Taken_walk(std::span<const Memory_range> loaded, const Device_tree& tree) noexcept
      : loaded_{loaded}, reserved_{tree.reserved()} {}

  // In whole pages; empty behind the last.
  [[nodiscard]] Result<std::optional<Memory_range>> next() noexcept;

 private:
  std::span<const Memory_range> loaded_;
  Range_walk reserved_;
  std::size_t step_ = 0;
};

// What is free, in whole pages, bank by bank.
class Free_walk {
 public:
  // `loaded`: what takes up RAM and the tree need not tell of.
  Free_walk(std::span<const Memory_range> loaded, const Device_tree& tree) noexcept
      : taken_{loaded, tree}, banks_{tree.memory()} {}

  // Empty behind the last. After an error the walk is over.
  [[nodiscard]] Result<std::optional<Memory_range>> next() noexcept;

 private:
  Taken_walk taken_;  // always from the first
  Range_walk banks_;
  std::uint64_t at_ = 0;
  std::uint64_t bank_end_ = 0;
};

}  // namespace enlighten::guest
