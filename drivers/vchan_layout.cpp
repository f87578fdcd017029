// SPDX-License-Identifier: MIT
// Chooses orders as libxenvchan does, and refuses those that would put one thing upon another.
#include <drivers/vchan_layout.hpp>

#include <algorithm>
#include <bit>

#include <abi/frame.hpp>
#include <abi/vchan.hpp>

namespace enlighten::drivers {
namespace {

constexpr std::size_t small = std::size_t{1} << abi::vchan_small_order;
constexpr std::size_t large = std::size_t{1} << abi::vchan_large_order;
constexpr std::size_t most = std::size_t{1} << abi::vchan_most_order;

[[nodiscard]] std::uint16_t own_pages_for(std::size_t bytes) noexcept {
  return std::max(static_cast<std::uint16_t>(std::bit_width(std::max<std::size_t>(bytes, 1) - 1)),
                  abi::vchan_page_order);
}

}  // namespace

std::optional<std::size_t> vchan_place_in_page(std::uint16_t order) noexcept {
  return order < abi::vchan_page_order ? std::optional{std::size_t{1} << order} : std::nullopt;
}

std::uint32_t vchan_pages(std::uint16_t order) noexcept {
  return order < abi::vchan_page_order ? 0 : std::uint32_t{1} << (order - abi::vchan_page_order);
}

Result<Vchan_orders> Vchan_orders::for_bytes(std::size_t left, std::size_t right) noexcept {
  if (left > most || right > most) {
    return Error::make(Error_kind::argument, "vchan: rings for %zu and %zu bytes: 1 MiB is the most", left, right);
  }
  if (left <= small && right <= large) {
    return Vchan_orders{abi::vchan_small_order, abi::vchan_large_order};
  }
  if (left <= large && right <= small) {
    return Vchan_orders{abi::vchan_large_order, abi::vchan_small_order};
  }
  if (left <= large) {
    return Vchan_orders{abi::vchan_large_order, own_pages_for(right)};
  }
  if (right <= large) {
    return Vchan_orders{own_pages_for(left), abi::vchan_large_order};
  }
  return Vchan_orders{own_pages_for(left), own_pages_for(right)};
}

Result<> Vchan_orders::check() const noexcept {
  for (const std::uint16_t order : {left, right}) {
    if (order < abi::vchan_small_order || order > abi::vchan_most_order) {
      return Error::make(Error_kind::protocol, "vchan: rings of orders %u and %u: each must be from 10 to 20",
                         unsigned{left}, unsigned{right});
    }
  }
  if (left == right && left < abi::vchan_page_order) {
    return Error::make(Error_kind::protocol, "vchan: both rings are of order %u: they would be in one place",
                       unsigned{left});
  }
  const std::size_t end =
      sizeof(abi::Vchan_interface) + (vchan_pages(left) + vchan_pages(right)) * sizeof(std::uint32_t);
  const std::size_t first_ring = std::min(vchan_place_in_page(left).value_or(abi::page_size),
                                          vchan_place_in_page(right).value_or(abi::page_size));
  if (end > first_ring) {
    return Error::make(Error_kind::protocol,
                       "vchan: rings of orders %u and %u: the list of grants would reach into the one in the page",
                       unsigned{left}, unsigned{right});
  }
  return {};
}

}  // namespace enlighten::drivers
