// SPDX-License-Identifier: MIT
// Pages that one domain grants and another maps or copies: by SILO not at all.
#include <optional>

#include <conformance/grants.hpp>
#include <conformance/peer.hpp>

#include "pair_subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Grant_status;
namespace flag = abi::grant_flags;
namespace kind = abi::grant_map;

constexpr std::uint16_t granted = flag::permit_access;

[[nodiscard]] std::int64_t status_unless_apart(const Peer& peer, Grant_status otherwise) noexcept {
  return peer.unless_apart(number(Grant_status::permission_denied), number(otherwise));
}

// Maps what the peer's first entry grants; the handle, if that worked.
std::optional<abi::Grant_handle> map_first(Bench& bench, const Peer& peer, const char* what, abi::Gfn hole,
                                           std::uint32_t flags, Grant_status otherwise) noexcept {
  const Mapping mapping = map_grant(peer.domain(), first_free_grant, abi::address_of(hole), flags);
  bench.check(what, mapping.result, 0);
  bench.check("status", number(mapping.status), status_unless_apart(peer, otherwise));
  const bool mapped = mapping.result == 0 && mapping.status == Grant_status::okay;
  return mapped ? std::optional{mapping.handle} : std::nullopt;
}

void nothing_granted(Bench& bench, Peer& peer) {
  map_first(bench, peer, "map of an unused entry of the peer's", bench.hole(), kind::host_map,
            Grant_status::general_error);
}

void grants_a_page(Bench& bench, Peer& peer) {
  Grant_entries entries{bench};
  auto* const page = bench.page<std::uint64_t>();
  put(page[0], 0x1122);
  const Grant_ref ref = entries.grant_to(peer.domain(), frame_of(page));
  bench.check("entry", ref.value(), first_free_grant.value());
  peer.hand_over();
  bench.check_bits("flags while the peer has it", entries.flags(ref),
                   peer.unless_apart(granted, granted | flag::reading | flag::writing));
  bench.check_bits("what the peer has stored", get(page[1]), peer.unless_apart(0, 0x3344));
  peer.hand_over();
  bench.check_bits("flags afterwards", entries.flags(ref), granted);
}
void maps_a_page(Bench& bench, Peer& peer) {
  const abi::Gfn hole = bench.hole();
  const auto mapped = map_first(bench, peer, "map", hole, kind::host_map, Grant_status::okay);
  if (mapped) {
    auto* const there = static_cast<std::uint64_t*>(at(hole));
    bench.check_bits("what the peer has stored", get(there[0]), 0x1122);
    put(there[1], 0x3344);
  }
  peer.hand_over();
  if (mapped) {
    bench.check("unmap", unmap_grant(abi::address_of(hole), *mapped), number(Grant_status::okay));
  }
  peer.hand_over();
}

void grants_for_reading(Bench& bench, Peer& peer) {
  Grant_entries entries{bench};
  auto* const page = bench.page<std::uint64_t>();
  put(page[0], 0x5566);
  const Grant_ref ref = entries.grant_to(peer.domain(), frame_of(page), flag::readonly);
  peer.hand_over();
  bench.check_bits("flags while the peer has it", entries.flags(ref),
                   peer.unless_apart(granted | flag::readonly, granted | flag::readonly | flag::reading));
  peer.hand_over();
  bench.check_bits("flags afterwards", entries.flags(ref), granted | flag::readonly);
}
void maps_for_reading(Bench& bench, Peer& peer) {
  const abi::Gfn hole = bench.hole();
  map_first(bench, peer, "map for writing", hole, kind::host_map, Grant_status::general_error);
  const auto mapped =
      map_first(bench, peer, "map for reading", hole, kind::host_map | kind::readonly, Grant_status::okay);
  if (mapped) {
    bench.check_bits("what the peer has stored", get(*static_cast<std::uint64_t*>(at(hole))), 0x5566);
  }
  peer.hand_over();
  if (mapped) {
    bench.check("unmap", unmap_grant(abi::address_of(hole), *mapped), number(Grant_status::okay));
  }
  peer.hand_over();
}

void grants_to_a_third(Bench& bench, Peer& peer) {
  Grant_entries entries{bench};
  const Grant_ref ref = entries.grant_to(no_domain, frame_of(bench.page()));
  peer.hand_over();
  bench.check_bits("flags", entries.flags(ref), granted);
}
void is_no_third(Bench& bench, Peer& peer) {
  map_first(bench, peer, "map of what is granted to another", bench.hole(), kind::host_map,
            Grant_status::general_error);
  peer.hand_over();
}

void takes_back_while_mapped(Bench& bench, Peer& peer) {
  Grant_entries entries{bench};
  auto* const page = bench.page<std::uint64_t>();
  const Grant_ref ref = entries.grant_to(peer.domain(), frame_of(page));
  peer.hand_over();
  // What a granter must not do: the entry says that it is in use.
  entries.take_back(ref);
  put(page[0], 0x7788);
  peer.hand_over();
  // Xen clears the two bits that it had set, in whatever the entry has become.
  bench.check_bits("flags after unmap", entries.flags(ref), 0);
}
void keeps_the_mapping(Bench& bench, Peer& peer) {
  const abi::Gfn hole = bench.hole();
  const auto mapped = map_first(bench, peer, "map", hole, kind::host_map, Grant_status::okay);
  peer.hand_over();
  if (mapped) {
    bench.check_bits("what is loaded there", get(*static_cast<std::uint64_t*>(at(hole))), 0x7788);
    bench.check("unmap", unmap_grant(abi::address_of(hole), *mapped), number(Grant_status::okay));
  }
  map_first(bench, peer, "map again", hole, kind::host_map, Grant_status::general_error);
  peer.hand_over();
}

void grants_for_copies(Bench& bench, Peer& peer) {
  Grant_entries entries{bench};
  auto* const page = bench.page<std::uint64_t>();
  put(page[0], 0x99aa);
  put(page[1], 0xbbcc);
  const Grant_ref ref = entries.grant_to(peer.domain(), frame_of(page));
  peer.hand_over();
  bench.check_bits("what the peer has copied here", get(page[2]), peer.unless_apart(0, 0x99aa));
  bench.check_bits("flags", entries.flags(ref), granted);
}
void copies(Bench& bench, Peer& peer) {
  auto* const page = bench.page<std::uint64_t>();
  const std::int64_t expected = status_unless_apart(peer, Grant_status::okay);
  bench.check("copy of 16 bytes from the peer",
              copy(granted_by(peer.domain(), first_free_grant), frame_of_ours(frame_of(page)),
                   abi::grant_copy::source_gref),
              expected);
  bench.check_bits("the first word", get(page[0]), peer.unless_apart(0, 0x99aa));
  bench.check_bits("the second word", get(page[1]), peer.unless_apart(0, 0xbbcc));
  bench.check("copy of 8 bytes to the peer",
              copy(frame_of_ours(frame_of(page)), granted_by(peer.domain(), first_free_grant, 16),
                   abi::grant_copy::dest_gref, 8),
              expected);
  bench.check("copy of a frame of the peer's, which nothing grants",
              copy(frame_of_ours(frame_of(page), 0, peer.domain()), frame_of_ours(frame_of(page)), 0),
              number(Grant_status::permission_denied));
  peer.hand_over();
}

void asks_about_tables(Bench& bench, Peer& peer) {
  abi::Gnttab_query_size size{.dom = peer.domain()};
  bench.check("query_size of the peer", grant_table_op(abi::Grant_table_op::query_size, size), 0);
  bench.check("status", number(size.status), number(Grant_status::permission_denied));
  abi::Gfn frames[1] = {abi::Gfn{0}};
  abi::Gnttab_setup_table table{.dom = peer.domain(), .nr_frames = 1, .frame_list = abi::Guest_handle{frames}};
  bench.check("setup_table of the peer", grant_table_op(abi::Grant_table_op::setup_table, table), 0);
  bench.check("status", number(table.status), number(Grant_status::permission_denied));
  abi::Gnttab_get_version version{.dom = peer.domain()};
  bench.check("get_version of the peer", grant_table_op(abi::Grant_table_op::get_version, version), -Errno::eperm);
}

constexpr Pair_case cases[] = {
    {"a grant that there is not is refused, by SILO before it is looked at",
     "GNTST_permission_denied by XSM, GNTST_general_error for the entry ([xen] grant_table.c, map_grant_ref)",
     nullptr, nothing_granted},
    {"a domain that was granted a page maps it, and both see what the other stores",
     "GNTTABOP_map_grant_ref ([xen] grant_table.h)", grants_a_page, maps_a_page},
    {"a page granted for reading is mapped for reading only", "GTF_readonly ([xen] grant_table.h)",
     grants_for_reading, maps_for_reading},
    {"a page granted to a third domain is not for this one",
     "The entry's domid is who may map ([xen] grant_table.h)", grants_to_a_third, is_no_third},
    {"a grant that is taken back while mapped stays mapped, and cannot be mapped again",
     "An entry in use must not be changed ([xen] grant_table.h, 'Invalidating an in-use entry')",
     takes_back_while_mapped, keeps_the_mapping},
    {"what is granted can be copied from and to, and nothing else of another domain's",
     "GNTTABOP_copy: by frame for the caller's own ([xen] grant_table.h)", grants_for_copies, copies},
    {"nobody looks at another domain's grant table",
     "GNTTABOP_query_size, _setup_table, _get_version of another domain are for control domains ([xen] "
     "xsm/dummy.h)",
     asks_about_tables, asks_about_tables},
};

}  // namespace

constinit const Pair_subject peer_grants_subject{"peer_grants", cases};

}  // namespace enlighten::conformance
