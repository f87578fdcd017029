// SPDX-License-Identifier: MIT
// Makes the guest's grant table when a program asks for it.
#include <runtime/grants.hpp>

#include <algorithm>
#include <new>

#include <runtime/memory.hpp>

namespace enlighten::runtime {
namespace {

constinit guest::Spin_lock making;
constinit Grants* the_grants = nullptr;

}  // namespace

Result<> Grants::Mapper::map(std::uint64_t address, std::uint64_t pages, guest::Frame_access access) noexcept {
  const bool read_only = access == guest::Frame_access::read_only;
  return memory().map_frames({address, pages * Memory::page_size},
                             read_only ? arch::Memory_kind::read_only : arch::Memory_kind::data);
}

Result<> Grants::Mapper::unmap(std::uint64_t address, std::uint64_t pages) noexcept {
  return memory().unmap_frames({address, pages * Memory::page_size});
}

Grants::Grants(Guest& guest, guest::Memory_range table, guest::Memory_range window) noexcept
    : guest_{&guest},
      table_{guest.xen(), guest, page_rows(), mapper_, table},
      maps_{guest.xen(), guest, mapper_, window} {}

// The largest extended region, or what of it lies behind the page that start-up has put there.
Result<guest::Memory_range> Grants::find_window(Guest& guest) noexcept {
  const auto used = reinterpret_cast<std::uintptr_t>(&guest.shared_info());
  guest::Memory_range best{};
  guest::Range_walk regions = guest.tree().extended_regions();
  while (auto region = ENLIGHTEN_TRY(regions.next())) {
    if (used >= region->base && used - region->base < region->size) {
      const std::uint64_t end = region->base + region->size;
      region->base = std::min(used + Memory::page_size, end);
      region->size = end - region->base;
    }
    best = region->size > best.size ? *region : best;
  }
  return best;
}

Result<Grants*> Grants::make(Guest& guest) noexcept {
  const std::optional<guest::Hypervisor_description> hypervisor = ENLIGHTEN_TRY(guest.tree().hypervisor());
  if (!guest.xen_domain() || !hypervisor) {
    return Error::make(Error_kind::not_on_xen, "grants: not on Xen");
  }
  const guest::Memory_range window = ENLIGHTEN_TRY(find_window(guest));
  const auto pages = memory().allocate_pages((sizeof(Grants) + Memory::page_size - 1) / Memory::page_size);
  if (!pages) {
    return Error::make(Error_kind::out_of_memory, "grants: no memory for the table's records");
  }
  return new (reinterpret_cast<void*>(*pages)) Grants{guest, hypervisor->grant_region, window};
}

Result<Grants*> Grants::of(Guest& guest) noexcept {
  const guest::Spin_guard guard{making};
  if (the_grants == nullptr) {
    the_grants = ENLIGHTEN_TRY(make(guest));
  }
  return the_grants;
}

}  // namespace enlighten::runtime
