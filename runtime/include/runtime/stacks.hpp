// SPDX-License-Identifier: MIT
// Where each CPU's two stacks lie, with a page that is not there below each.
#pragma once

#include <cstdint>
#include <optional>

#include <base/ids.hpp>

namespace enlighten::runtime {

//   base + cpu * stride:  | guard | exception stack | guard | stack |
class Stacks {
 public:
  static constexpr std::uint64_t page = 4096;
  static constexpr std::uint64_t exception_size = 2 * page;
  static constexpr std::uint64_t size = 8 * page;
  static constexpr std::uint64_t stride = page + exception_size + page + size;

  constexpr Stacks() noexcept = default;
  constexpr Stacks(std::uint64_t base, std::uint32_t cpus) noexcept : base_{base}, cpus_{cpus} {}

  [[nodiscard]] constexpr std::uint64_t bytes() const noexcept { return cpus_ * stride; }
  [[nodiscard]] constexpr std::uint64_t base() const noexcept { return base_; }
  [[nodiscard]] constexpr std::uint32_t cpus() const noexcept { return cpus_; }

  [[nodiscard]] constexpr std::uint64_t exception_bottom(Cpu cpu) const noexcept { return of(cpu) + page; }
  [[nodiscard]] constexpr std::uint64_t exception_top(Cpu cpu) const noexcept {
    return exception_bottom(cpu) + exception_size;
  }
  [[nodiscard]] constexpr std::uint64_t bottom(Cpu cpu) const noexcept { return exception_top(cpu) + page; }
  [[nodiscard]] constexpr std::uint64_t top(Cpu cpu) const noexcept { return bottom(cpu) + size; }

  // Whose stack would have grown into `address`, if it lies in a guard page.
  [[nodiscard]] constexpr std::optional<Cpu> guarded(std::uint64_t address) const noexcept {
    if (address < base_ || address >= base_ + bytes()) {
      return std::nullopt;
    }
    const std::uint64_t offset = (address - base_) % stride;
    const bool guard = offset < page || (offset >= page + exception_size && offset < 2 * page + exception_size);
    return guard ? std::optional{Cpu{static_cast<std::uint32_t>((address - base_) / stride)}} : std::nullopt;
  }

 private:
  [[nodiscard]] constexpr std::uint64_t of(Cpu cpu) const noexcept { return base_ + cpu.value() * stride; }

  std::uint64_t base_ = 0;
  std::uint32_t cpus_ = 0;
};

}  // namespace enlighten::runtime
