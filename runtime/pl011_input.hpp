// SPDX-License-Identifier: MIT
// What is typed at a PL011, or at the UART that Xen plays for a domain: its receive FIFO.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <base/result.hpp>

namespace enlighten::runtime {

// Characters wait in the device, as many as it has room for. It interrupts once: from the character that says that
// some are there, until all have been read, there is no other.
class Pl011_input {
 public:
  // Of registers that are mapped.
  explicit Pl011_input(std::uintptr_t base) noexcept : base_{base} {}

  // How many were there and have been taken; 0: none, and the next one brings an interrupt. Those that arrived
  // damaged are left out. An error where some were lost because nobody read, between what came before and what
  // comes next.
  [[nodiscard]] Result<std::uint32_t> read(std::span<char> to) noexcept;

  // There is no interrupt any more when this returns.
  void hold_interrupts() noexcept;

 private:
  std::uintptr_t base_;
  std::optional<char> after_loss_;
  bool has_told_loss_ = false;
};

}  // namespace enlighten::runtime
