// SPDX-License-Identifier: MIT
// Maps in two stages and takes both back: all of what was asked for is mapped, or nothing is.
#include <guest/grant_maps.hpp>

#include <algorithm>
#include <array>

#include <abi/frame.hpp>
#include <abi/grant_status.hpp>
#include <base/filled_array.hpp>

namespace enlighten::guest {
namespace {

using abi::Grant_status;

// Of structures on the stack, for one call.
constexpr std::size_t most_in_a_batch = 16;
// Xen numbers handles from 0, and has no room for so many.
constexpr std::uint32_t no_handle = 0xffff'ffff;

[[nodiscard]] Error refusal(Domain_id granter, Grant_ref ref, Grant_status status) noexcept {
  return Error::numbered(Error_kind::hypercall, static_cast<std::int64_t>(status),
                         "grants: Xen does not map grant %u of domain %u (%d, %s)",
                         static_cast<unsigned>(ref.value()), static_cast<unsigned>(granter.value()),
                         static_cast<int>(status), abi::grant_status_name(status));
}

[[nodiscard]] Error refusal(const abi::Gnttab_unmap_grant_ref& operation) noexcept {
  return Error::numbered(Error_kind::hypercall, static_cast<std::int64_t>(operation.status),
                         "grants: Xen does not unmap the page at %#llx, handle %u (%d, %s)",
                         static_cast<unsigned long long>(operation.host_addr),
                         static_cast<unsigned>(operation.handle.value()), static_cast<int>(operation.status),
                         abi::grant_status_name(operation.status));
}

}  // namespace

Result<Mapped_page> Grant_maps::map_page(Domain_id granter, Grant_ref ref, Frame_access access) noexcept {
  return Mapped_page{ENLIGHTEN_TRY(map_range(granter, std::span{&ref, 1}, access))};
}

Result<Mapped_range> Grant_maps::map_range(Domain_id granter, std::span<const Grant_ref> refs,
                                           Frame_access access) noexcept {
  if (window_.pages() == 0) {
    return Error::make(Error_kind::unsupported,
                       "grants: nothing can be mapped: there are no addresses to put it at");
  }
  if (refs.empty() || refs.size() > window_.pages()) {
    return Error::make(Error_kind::argument, "grants: %zu pages cannot be mapped: there are addresses for %u",
                       refs.size(), static_cast<unsigned>(window_.pages()));
  }
  const auto pages = static_cast<std::uint32_t>(refs.size());
  const std::uint64_t address = ENLIGHTEN_TRY(window_.take(pages));
  for (std::uint32_t page = 0; page < pages; ++page) {
    window_.word(address + page * abi::page_size) = no_handle;
  }
  // Xen's stage first, as it is the last to go: at no time does a translation of ours lead to where nothing is.
  Result<> mapped = map_at_xen(address, granter, refs, access);
  if (mapped) {
    mapped = mapper_->map(address, pages, access);
  }
  if (!mapped) {
    // What stands in the way of that, too, is not what the caller wants to know.
    static_cast<void>(unmap_at_xen(address, pages));
    return mapped.error();
  }
  return Mapped_range{*this, std::span{reinterpret_cast<std::byte*>(address), std::size_t{pages} * abi::page_size},
                      access};
}

Result<> Grant_maps::map_at_xen(std::uint64_t address, Domain_id granter, std::span<const Grant_ref> refs,
                                Frame_access access) noexcept {
  const std::uint32_t flags = access == Frame_access::read_only
                                  ? abi::grant_map::host_map | abi::grant_map::readonly
                                  : abi::grant_map::host_map;
  while (!refs.empty()) {
    // A status that Xen does not write is none of a mapping.
    auto batch = filled_array<most_in_a_batch>(abi::Gnttab_map_grant_ref{.host_addr = 0,
                                                                         .flags = flags,
                                                                         .ref = Grant_ref{0},
                                                                         .dom = granter,
                                                                         .status = Grant_status::general_error});
    const std::span part = std::span{batch}.first(std::min<std::size_t>(refs.size(), batch.size()));
    for (std::size_t index = 0; index < part.size(); ++index) {
      part[index].host_addr = address + index * abi::page_size;
      part[index].ref = refs[index];
    }
    Result<> outcome = xen_->grant_table(abi::Grant_table_op::map_grant_ref, part);
    // All of them: Xen goes on behind one that it refuses, and may fail as a whole with some of them done.
    for (const abi::Gnttab_map_grant_ref& operation : part) {
      if (operation.status == Grant_status::okay) {
        window_.word(operation.host_addr) = operation.handle.value();
      } else if (outcome) {
        outcome = refusal(granter, operation.ref, operation.status);
      }
    }
    if (!outcome) {
      return outcome;
    }
    refs = refs.subspan(part.size());
    address += part.size() * abi::page_size;
  }
  return {};
}

Result<> Grant_maps::unmap(std::uint64_t address, std::uint32_t pages) noexcept {
  ENLIGHTEN_TRY(mapper_->unmap(address, pages));
  return unmap_at_xen(address, pages);
}

Result<> Grant_maps::unmap_at_xen(std::uint64_t address, std::uint32_t pages) noexcept {
  Result<> outcome;
  const std::uint64_t end = address + pages * abi::page_size;
  while (address < end) {
    auto batch = filled_array<most_in_a_batch>(abi::Gnttab_unmap_grant_ref{
        .host_addr = 0, .handle = abi::Grant_handle{no_handle}, .status = Grant_status::general_error});
    std::size_t count = 0;
    for (; address < end && count < batch.size(); address += abi::page_size) {
      if (const std::uint32_t handle = window_.word(address); handle != no_handle) {
        batch[count].host_addr = address;
        batch[count++].handle = abi::Grant_handle{handle};
      } else {
        window_.give_back(address, 1);
      }
    }
    const std::span part = std::span{batch}.first(count);
    if (part.empty()) {
      continue;
    }
    const Result<> called = xen_->grant_table(abi::Grant_table_op::unmap_grant_ref, part);
    for (const abi::Gnttab_unmap_grant_ref& operation : part) {
      if (operation.status == Grant_status::okay) {
        window_.give_back(operation.host_addr, 1);
      } else if (outcome) {
        outcome = called ? Result<>{refusal(operation)} : called;
      }
    }
  }
  return outcome;
}

Mapped_range& Mapped_range::operator=(Mapped_range&& other) noexcept {
  if (this != &other) {
    static_cast<void>(unmap());
    maps_ = std::exchange(other.maps_, nullptr);
    bytes_ = std::exchange(other.bytes_, {});
    access_ = other.access_;
  }
  return *this;
}

Result<> Mapped_range::unmap() noexcept {
  Grant_maps* const maps = std::exchange(maps_, nullptr);
  const std::span<std::byte> bytes = std::exchange(bytes_, {});
  return maps == nullptr ? Result<>{}
                         : maps->unmap(reinterpret_cast<std::uintptr_t>(bytes.data()),
                                       static_cast<std::uint32_t>(bytes.size() / abi::page_size));
}

}  // namespace enlighten::guest
