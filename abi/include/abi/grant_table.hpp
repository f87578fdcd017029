// SPDX-License-Identifier: MIT
// Sharing pages with other domains: grant entries, GNTTABOP_* and their arguments ([xen] grant_table.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include <abi/frame.hpp>
#include <abi/guest_handle.hpp>
#include <base/ids.hpp>

namespace enlighten::abi {

enum class Grant_table_op : std::uint32_t {
  map_grant_ref = 0,
  unmap_grant_ref = 1,
  setup_table = 2,
  transfer = 4,  // refused on Arm
  copy = 5,
  query_size = 6,
  unmap_and_replace = 7,
  set_version = 8,
  get_status_frames = 9,  // of version 2, which Arm does not have
  get_version = 10,
  swap_grant_ref = 11,
  cache_flush = 12,
};

// What a single grant operation says of itself; the hypercall's own result is about the batch.
enum class Grant_status : std::int16_t {
  okay = 0,
  general_error = -1,
  bad_domain = -2,
  bad_gntref = -3,
  bad_handle = -4,
  bad_virt_addr = -5,
  bad_dev_addr = -6,
  no_device_space = -7,
  permission_denied = -8,
  bad_page = -9,
  bad_copy_arg = -10,
  address_too_big = -11,
  eagain = -12,
  no_space = -13,
};

// Bits of Grant_entry_v1::flags.
namespace grant_flags {
inline constexpr std::uint16_t invalid = 0;
inline constexpr std::uint16_t permit_access = 1;
inline constexpr std::uint16_t type_mask = 3;
inline constexpr std::uint16_t readonly = 1U << 2;
inline constexpr std::uint16_t reading = 1U << 3;  // Xen's: mapped, at least for reading
inline constexpr std::uint16_t writing = 1U << 4;  // Xen's: mapped for writing
}  // namespace grant_flags

// The only version on Arm. Frame and domain are written before flags, flags with release; they end by compare and
// swap.
struct Grant_entry_v1 {
  std::uint16_t flags = grant_flags::invalid;
  Domain_id domid{0};
  std::uint32_t frame = 0;
};
static_assert(sizeof(Grant_entry_v1) == 8);
static_assert(offsetof(Grant_entry_v1, domid) == 2);
static_assert(offsetof(Grant_entry_v1, frame) == 4);

// The first entries belong to the toolstack; a guest hands out those after them.
inline constexpr std::uint32_t grant_reserved_entries = 8;
inline constexpr Grant_ref grant_console{0};
inline constexpr Grant_ref grant_xenstore{1};

inline constexpr std::uint32_t grant_entries_per_frame = page_size / sizeof(Grant_entry_v1);

// Names a mapping from the moment it exists until it is undone.
using Grant_handle = Identity<struct Grant_handle_tag, std::uint32_t>;

// Flags of a mapping. Arm takes host_map, with or without readonly.
namespace grant_map {
inline constexpr std::uint32_t device_map = 1U << 0;
inline constexpr std::uint32_t host_map = 1U << 1;
inline constexpr std::uint32_t readonly = 1U << 2;
inline constexpr std::uint32_t application_map = 1U << 3;
inline constexpr std::uint32_t contains_pte = 1U << 4;
}  // namespace grant_map

struct Gnttab_map_grant_ref {
  std::uint64_t host_addr;  // guest-physical: which page the foreign one appears at
  std::uint32_t flags;      // grant_map
  Grant_ref ref;
  Domain_id dom;                             // a number; not domain_self
  Grant_status status = Grant_status::okay;  // out, as all that follows
  Grant_handle handle{0};
  std::uint64_t dev_bus_addr = 0;
};
static_assert(sizeof(Gnttab_map_grant_ref) == 32);
static_assert(offsetof(Gnttab_map_grant_ref, flags) == 8);
static_assert(offsetof(Gnttab_map_grant_ref, ref) == 12);
static_assert(offsetof(Gnttab_map_grant_ref, dom) == 16);
static_assert(offsetof(Gnttab_map_grant_ref, status) == 18);
static_assert(offsetof(Gnttab_map_grant_ref, handle) == 20);
static_assert(offsetof(Gnttab_map_grant_ref, dev_bus_addr) == 24);

struct Gnttab_unmap_grant_ref {
  std::uint64_t host_addr;
  std::uint64_t dev_bus_addr = 0;
  Grant_handle handle;
  Grant_status status = Grant_status::okay;  // out
};
static_assert(sizeof(Gnttab_unmap_grant_ref) == 24);
static_assert(offsetof(Gnttab_unmap_grant_ref, dev_bus_addr) == 8);
static_assert(offsetof(Gnttab_unmap_grant_ref, handle) == 16);
static_assert(offsetof(Gnttab_unmap_grant_ref, status) == 20);

// On Arm there is nothing to replace it by: new_addr is 0.
struct Gnttab_unmap_and_replace {
  std::uint64_t host_addr;
  std::uint64_t new_addr;
  Grant_handle handle;
  Grant_status status = Grant_status::okay;  // out
};
static_assert(sizeof(Gnttab_unmap_and_replace) == 24);
static_assert(offsetof(Gnttab_unmap_and_replace, new_addr) == 8);
static_assert(offsetof(Gnttab_unmap_and_replace, handle) == 16);
static_assert(offsetof(Gnttab_unmap_and_replace, status) == 20);

struct Gnttab_get_status_frames {
  std::uint32_t nr_frames;
  Domain_id dom;
  Grant_status status = Grant_status::okay;  // out
  Guest_handle<std::uint64_t> frame_list;
};
static_assert(sizeof(Gnttab_get_status_frames) == 16);
static_assert(offsetof(Gnttab_get_status_frames, dom) == 4);
static_assert(offsetof(Gnttab_get_status_frames, status) == 6);
static_assert(offsetof(Gnttab_get_status_frames, frame_list) == 8);

// Only informative on Arm: a frame not yet placed by add_to_physmap reads as no_frame.
struct Gnttab_setup_table {
  Domain_id dom;
  std::uint32_t nr_frames = 0;
  Grant_status status = Grant_status::okay;  // out
  Guest_handle<Gfn> frame_list;
};
static_assert(sizeof(Gnttab_setup_table) == 24);
static_assert(offsetof(Gnttab_setup_table, nr_frames) == 4);
static_assert(offsetof(Gnttab_setup_table, status) == 8);
static_assert(offsetof(Gnttab_setup_table, frame_list) == 16);

struct Gnttab_query_size {
  Domain_id dom;
  std::uint32_t nr_frames = 0;  // out, as all that follows
  std::uint32_t max_nr_frames = 0;
  Grant_status status = Grant_status::okay;
};
static_assert(sizeof(Gnttab_query_size) == 16);
static_assert(offsetof(Gnttab_query_size, nr_frames) == 4);
static_assert(offsetof(Gnttab_query_size, max_nr_frames) == 8);
static_assert(offsetof(Gnttab_query_size, status) == 12);

namespace grant_copy {
inline constexpr std::uint16_t source_gref = 1U << 0;
inline constexpr std::uint16_t dest_gref = 1U << 1;
}  // namespace grant_copy

struct Gnttab_copy {
  struct Side {
    union {
      std::uint64_t gmfn = 0;  // a frame of ours
      Grant_ref ref;           // a grant, if the side's flag is set
    } u;
    Domain_id domid;
    std::uint16_t offset = 0;
  };

  Side source;
  Side dest;
  std::uint16_t len = 0;
  std::uint16_t flags = 0;                   // grant_copy
  Grant_status status = Grant_status::okay;  // out
};
static_assert(sizeof(Gnttab_copy::Side) == 16);
static_assert(offsetof(Gnttab_copy::Side, domid) == 8);
static_assert(offsetof(Gnttab_copy::Side, offset) == 10);
static_assert(sizeof(Gnttab_copy) == 40);
static_assert(offsetof(Gnttab_copy, dest) == 16);
static_assert(offsetof(Gnttab_copy, len) == 32);
static_assert(offsetof(Gnttab_copy, flags) == 34);
static_assert(offsetof(Gnttab_copy, status) == 36);

struct Gnttab_set_version {
  std::uint32_t version;  // in and out
};
static_assert(sizeof(Gnttab_set_version) == 4);

struct Gnttab_get_version {
  Domain_id dom;
  std::uint16_t pad = 0;
  std::uint32_t version = 0;  // out
};
static_assert(sizeof(Gnttab_get_version) == 8);
static_assert(offsetof(Gnttab_get_version, version) == 4);

struct Gnttab_swap_grant_ref {
  Grant_ref ref_a;
  Grant_ref ref_b;
  Grant_status status = Grant_status::okay;  // out
};
static_assert(sizeof(Gnttab_swap_grant_ref) == 12);
static_assert(offsetof(Gnttab_swap_grant_ref, status) == 8);

namespace grant_cache {
inline constexpr std::uint32_t clean = 1U << 0;
inline constexpr std::uint32_t invalidate = 1U << 1;
inline constexpr std::uint32_t source_gref = 1U << 31;
}  // namespace grant_cache

struct Gnttab_cache_flush {
  union {
    std::uint64_t dev_bus_addr = 0;
    Grant_ref ref;  // if grant_cache::source_gref is set
  } a;
  std::uint16_t offset = 0;
  std::uint16_t length = 0;
  std::uint32_t op = 0;  // grant_cache
};
static_assert(sizeof(Gnttab_cache_flush) == 16);
static_assert(offsetof(Gnttab_cache_flush, offset) == 8);
static_assert(offsetof(Gnttab_cache_flush, length) == 10);
static_assert(offsetof(Gnttab_cache_flush, op) == 12);

}  // namespace enlighten::abi
