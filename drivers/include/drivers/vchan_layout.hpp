// SPDX-License-Identifier: MIT
// How large the two rings of a vchan are, and where that puts them ([xen] io/libxenvchan.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <base/result.hpp>

namespace enlighten::drivers {

// The logarithm of each ring's size in bytes, as both ends know them. Left is what the client sends.
struct Vchan_orders {
  std::uint16_t left = 10;
  std::uint16_t right = 11;

  // The least that hold so many bytes: as libxenvchan's server chooses, in the shared page what fits there. An
  // error for more than 1 MiB.
  [[nodiscard]] static Result<Vchan_orders> for_bytes(std::size_t left, std::size_t right) noexcept;

  // An error, in words, for two that cannot be: beyond 10 to 20, in one place, or with more grants than fit before
  // a ring in the page.
  [[nodiscard]] Result<> check() const noexcept;
};

// Where in the shared page a ring of this order begins; none if it has pages of its own.
[[nodiscard]] std::optional<std::size_t> vchan_place_in_page(std::uint16_t order) noexcept;
// How many pages of its own it has.
[[nodiscard]] std::uint32_t vchan_pages(std::uint16_t order) noexcept;

}  // namespace enlighten::drivers
