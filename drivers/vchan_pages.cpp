// SPDX-License-Identifier: MIT
// Fills the shared page as a server, and reads it as a client, who trusts nothing of what stands there.
#include <drivers/vchan_pages.hpp>

#include <array>
#include <atomic>
#include <span>
#include <utility>

#include <abi/frame.hpp>
#include <base/filled_array.hpp>
#include <guest/shared_words.hpp>

namespace enlighten::drivers {
namespace {

using guest::Frame_access;
using guest::Shared_words;

constexpr std::uint32_t most_pages = std::uint32_t{1} << (abi::vchan_most_order - abi::vchan_page_order);
static_assert(most_pages <= guest::Granted_range::most_pages);

[[nodiscard]] abi::Vchan_interface& interface_in(std::span<std::byte> page) noexcept {
  return *reinterpret_cast<abi::Vchan_interface*>(page.data());
}

// The word at `index` of the list of grants.
[[nodiscard]] std::uint32_t& grant_in(std::span<std::byte> page, std::uint32_t index) noexcept {
  return reinterpret_cast<std::uint32_t*>(page.data() + sizeof(abi::Vchan_interface))[index];
}

// The ring's bytes: in the page, or in those of its own.
[[nodiscard]] std::span<std::uint8_t> ring_of(std::uint16_t order, std::span<std::byte> page,
                                              std::span<std::byte> own) noexcept {
  const std::size_t size = std::size_t{1} << order;
  const std::optional<std::size_t> place = vchan_place_in_page(order);
  const std::span<std::byte> bytes = place ? page.subspan(*place, size) : own.first(size);
  return {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

[[nodiscard]] Result<guest::Granted_range> grant_ring(guest::Grant_table& table, Domain_id client,
                                                      std::uint16_t order, std::span<std::byte> page,
                                                      std::uint32_t first) noexcept {
  const std::uint32_t pages = vchan_pages(order);
  if (pages == 0) {
    return {};
  }
  guest::Granted_range range = ENLIGHTEN_TRY(table.grant_range(client, Frame_access::read_write, pages));
  for (std::uint32_t index = 0; index < pages; ++index) {
    Shared_words::store(grant_in(page, first + index), range.ref(index).value(), std::memory_order_relaxed);
  }
  return range;
}

[[nodiscard]] Result<guest::Mapped_range> map_ring(guest::Grant_maps& maps, Domain_id server, std::uint16_t order,
                                                   std::span<std::byte> page, std::uint32_t first) noexcept {
  const std::uint32_t pages = vchan_pages(order);
  if (pages == 0) {
    return {};
  }
  auto refs = filled_array<most_pages>(Grant_ref{0});
  for (std::uint32_t index = 0; index < pages; ++index) {
    refs[index] = Grant_ref{Shared_words::load(grant_in(page, first + index), std::memory_order_relaxed)};
  }
  return maps.map_range(server, std::span{refs}.first(pages), Frame_access::read_write);
}

}  // namespace

Result<Vchan_granted> Vchan_granted::make(guest::Grant_table& table, Domain_id client,
                                          Vchan_orders orders) noexcept {
  ENLIGHTEN_TRY(orders.check());
  Vchan_granted all{ENLIGHTEN_TRY(table.grant_page(client, Frame_access::read_write)), orders};
  const std::span<std::byte> page = all.page_.bytes();
  // Whom the page is granted to learns its reference later, from xenstore or otherwise, and with it all of this.
  abi::Vchan_interface& shared = interface_in(page);
  Shared_words::store(shared.left_order, orders.left, std::memory_order_relaxed);
  Shared_words::store(shared.right_order, orders.right, std::memory_order_relaxed);
  all.left_ = ENLIGHTEN_TRY(grant_ring(table, client, orders.left, page, 0));
  all.right_ = ENLIGHTEN_TRY(grant_ring(table, client, orders.right, page, vchan_pages(orders.left)));
  return all;
}

Vchan_end<> Vchan_granted::end() const noexcept {
  const std::span<std::byte> page = page_.bytes();
  return {Vchan_role::server, interface_in(page), ring_of(orders_.left, page, left_.bytes()),
          ring_of(orders_.right, page, right_.bytes())};
}

Result<Vchan_mapped> Vchan_mapped::make(guest::Grant_maps& maps, Domain_id server, Grant_ref ref) noexcept {
  guest::Mapped_page mapped = ENLIGHTEN_TRY(maps.map_page(server, ref, Frame_access::read_write));
  const std::span<std::byte> page = mapped.writable();
  abi::Vchan_interface& shared = interface_in(page);
  const Vchan_orders orders{Shared_words::load(shared.left_order, std::memory_order_relaxed),
                            Shared_words::load(shared.right_order, std::memory_order_relaxed)};
  ENLIGHTEN_TRY(orders.check());
  Vchan_mapped all{std::move(mapped), orders};
  all.left_ = ENLIGHTEN_TRY(map_ring(maps, server, orders.left, page, 0));
  all.right_ = ENLIGHTEN_TRY(map_ring(maps, server, orders.right, page, vchan_pages(orders.left)));
  return all;
}

Vchan_end<> Vchan_mapped::end() const noexcept {
  const std::span<std::byte> page = page_.writable();
  return {Vchan_role::client, interface_in(page), ring_of(orders_.left, page, left_.writable()),
          ring_of(orders_.right, page, right_.writable())};
}

}  // namespace enlighten::drivers
