// SPDX-License-Identifier: MIT
// Arguments of hypercalls, read from the guest as the structures they are, and results written back.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include <abi/errno.hpp>
#include <model/domain_view.hpp>

namespace enlighten::model::arguments {

// Nothing is EFAULT. By way of bytes, for most of these structures have no default.
template <typename Structure>
[[nodiscard]] std::optional<Structure> read(Domain_view& domain, std::uint64_t address) {
  static_assert(std::is_trivially_copyable_v<Structure>);
  std::array<std::byte, sizeof(Structure)> raw;
  if (!domain.copy_from_guest(raw.data(), address, raw.size())) {
    return std::nullopt;
  }
  return std::bit_cast<Structure>(raw);
}

// False is EFAULT.
template <typename Structure>
[[nodiscard]] bool write(Domain_view& domain, std::uint64_t address, const Structure& structure) {
  static_assert(std::is_trivially_copyable_v<Structure>);
  return domain.copy_to_guest(address, &structure, sizeof structure);
}

[[nodiscard]] constexpr std::int64_t refusal(abi::Errno number) noexcept {
  return -static_cast<std::int64_t>(number);
}

}  // namespace enlighten::model::arguments
