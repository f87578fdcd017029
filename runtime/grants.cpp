// SPDX-License-Identifier: MIT
// Makes the guest's grant table when a program asks for it.
#include <runtime/grants.hpp>

#include <algorithm>
#include <new>
#include <span>

#include <abi/frame.hpp>
#include <base/rounding.hpp>
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

// Where no extended region is: addresses of RAM that is given back to Xen. The heap is mapped by blocks of 2 MiB,
// and a live table lets go of whole ones only. What is taken beside that block is for grants and balloon to lend.
//
// No CPU reaches the pages any more when Xen takes them, and none holds a translation: unmap_frames() has broken
// what is made anew at the first mapping of a peer's page. Dirty lines of theirs belong to machine pages that Xen
// cleans before anybody else gets them ([xen] common/page_alloc.c, flush_page_to_ram); what stands at these
// addresses later is another machine page, and caches know pages by those. They stay the window's for as long as
// the guest runs, as the grants do.
Result<guest::Memory_range> Grants::make_window(Guest& guest) noexcept {
  constexpr std::uint64_t pages = (std::uint64_t{2} << 20U) / Memory::page_size;
  constexpr std::uint64_t size = pages * Memory::page_size;
  // So many that a whole block is among them.
  constexpr std::uint64_t taken = 2 * pages;
  const std::optional<std::uint64_t> first = memory().allocate_pages(taken);
  if (!first) {
    return guest::Memory_range{};
  }
  const std::uint64_t base = round_up(*first, size);
  const auto give_back = [](std::uint64_t from, std::uint64_t end) {
    for (; from < end; from += Memory::page_size) {
      page_rows().give_back(reinterpret_cast<void*>(from));
    }
  };
  // One of those beside the block lists what is in it.
  const std::uint64_t list = base == *first ? base + size : *first;
  const std::span frames{reinterpret_cast<abi::Gfn*>(list), pages};
  for (std::uint64_t page = 0; page < pages; ++page) {
    frames[page] = abi::gfn_of(base + page * Memory::page_size);
  }
  std::uint64_t given = 0;
  if (const Result<> unmapped = memory().unmap_frames({base, size}); !unmapped) {
    // Part of a larger block, which stays as it is.
    give_back(base, base + size);
  } else {
    given = guest.xen().decrease_reservation(frames).value_or(0);
    // From the first on; the others are ours still.
    const guest::Memory_range kept{base + given * Memory::page_size, (pages - given) * Memory::page_size};
    if (kept.size != 0) {
      ENLIGHTEN_TRY(memory().map_frames(kept, arch::Memory_kind::data));
      give_back(kept.base, kept.base + kept.size);
    }
  }
  give_back(*first, base);
  give_back(base + size, *first + taken * Memory::page_size);
  return guest::Memory_range{base, given * Memory::page_size};
}

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
  return best.size != 0 ? best : make_window(guest);
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
