// SPDX-License-Identifier: MIT
// What is where in guest-physical memory: XENMEM_*, XENMAPSPACE_* ([xen] memory.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include <abi/frame.hpp>
#include <abi/guest_handle.hpp>
#include <base/ids.hpp>

namespace enlighten::abi {

enum class Memory_op : std::uint32_t {
  increase_reservation = 0,
  decrease_reservation = 1,
  maximum_ram_page = 2,
  current_reservation = 3,
  maximum_reservation = 4,
  populate_physmap = 6,
  add_to_physmap = 7,
  memory_map = 9,
  machine_memory_map = 10,
  exchange = 11,
  maximum_gpfn = 14,
  remove_from_physmap = 15,
  add_to_physmap_batch = 23,
  claim_pages = 24,
  get_vnumainfo = 26,
  reserved_device_memory_map = 27,
  acquire_resource = 28,
};

enum class Map_space : std::uint32_t {
  shared_info = 0,
  grant_table = 1,
  gmfn = 2,
  gmfn_range = 3,
  gmfn_foreign = 4,  // add_to_physmap_batch only
  dev_mmio = 5,
};

// Set in idx to name a status frame of grant table version 2.
inline constexpr std::uint64_t grant_table_status_frame = 0x80000000;

struct Xen_add_to_physmap {
  Domain_id domid;
  std::uint16_t size = 0;  // gmfn_range only
  Map_space space;
  std::uint64_t idx = 0;
  Gfn gpfn;
};
static_assert(sizeof(Xen_add_to_physmap) == 24);
static_assert(offsetof(Xen_add_to_physmap, size) == 2);
static_assert(offsetof(Xen_add_to_physmap, space) == 4);
static_assert(offsetof(Xen_add_to_physmap, idx) == 8);
static_assert(offsetof(Xen_add_to_physmap, gpfn) == 16);

struct Xen_add_to_physmap_batch {
  Domain_id domid;
  std::uint16_t space;  // a Map_space, in two bytes here
  std::uint16_t size = 0;
  Domain_id foreign_domid{0};  // gmfn_foreign only, else 0
  Guest_handle<std::uint64_t> idxs;
  Guest_handle<Gfn> gpfns;
  Guest_handle<std::int32_t> errs;  // out, one a page
};
static_assert(sizeof(Xen_add_to_physmap_batch) == 32);
static_assert(offsetof(Xen_add_to_physmap_batch, space) == 2);
static_assert(offsetof(Xen_add_to_physmap_batch, size) == 4);
static_assert(offsetof(Xen_add_to_physmap_batch, foreign_domid) == 6);
static_assert(offsetof(Xen_add_to_physmap_batch, idxs) == 8);
static_assert(offsetof(Xen_add_to_physmap_batch, gpfns) == 16);
static_assert(offsetof(Xen_add_to_physmap_batch, errs) == 24);

struct Xen_remove_from_physmap {
  Domain_id domid;
  Gfn gpfn;
};
static_assert(sizeof(Xen_remove_from_physmap) == 16);
static_assert(offsetof(Xen_remove_from_physmap, gpfn) == 8);

// increase, decrease, populate: these return how many extents were done, never an errno.
struct Xen_memory_reservation {
  Guest_handle<Gfn> extent_start;
  std::uint64_t nr_extents = 0;
  std::uint32_t extent_order = 0;  // each extent is 2^order pages, aligned to its size
  std::uint32_t mem_flags = 0;
  Domain_id domid;
};
static_assert(sizeof(Xen_memory_reservation) == 32);
static_assert(offsetof(Xen_memory_reservation, nr_extents) == 8);
static_assert(offsetof(Xen_memory_reservation, extent_order) == 16);
static_assert(offsetof(Xen_memory_reservation, mem_flags) == 20);
static_assert(offsetof(Xen_memory_reservation, domid) == 24);

// Extents for other extents of the same size altogether.
struct Xen_memory_exchange {
  Xen_memory_reservation in;
  Xen_memory_reservation out;
  std::uint64_t nr_exchanged = 0;  // of `in`, in and out
};
static_assert(sizeof(Xen_memory_exchange) == 72);
static_assert(offsetof(Xen_memory_exchange, out) == 32);
static_assert(offsetof(Xen_memory_exchange, nr_exchanged) == 64);

// current_reservation, maximum_reservation, maximum_gpfn.
struct Xen_memory_domain {
  Domain_id domid;
};
static_assert(sizeof(Xen_memory_domain) == 2);

}  // namespace enlighten::abi
