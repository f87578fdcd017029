// SPDX-License-Identifier: MIT
// Pages granted by a domain to itself: mapped, used, and given up.
#include <conformance/grants.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Grant_status;
namespace flag = abi::grant_flags;
namespace kind = abi::grant_map;

constexpr std::uint16_t granted = flag::permit_access;

void check_refused(Bench& bench, const char* what, const Mapping& mapping, Grant_status expected) noexcept {
  bench.check(what, mapping.result, 0);
  bench.check("status", number(mapping.status), number(expected));
}

void mapped(Bench& bench) {
  Grant_entries entries{bench};
  auto* const page = bench.page<std::uint64_t>();
  const Grant_ref ref = entries.grant(frame_of(page));
  const abi::Gfn hole = bench.hole();
  const Mapping mapping = map_grant(entries.own(), ref, abi::address_of(hole));
  check_refused(bench, "map", mapping, Grant_status::okay);
  bench.check_bits("flags", entries.flags(ref), granted | flag::reading | flag::writing);
  if (mapping.status == Grant_status::okay) {
    auto* const there = static_cast<std::uint64_t*>(at(hole));
    put(page[0], 0x1122);
    bench.check_bits("what is stored here is loaded there", get(there[0]), 0x1122);
    put(there[1], 0x3344);
    bench.check_bits("and the other way round", get(page[1]), 0x3344);
  }
  bench.check("unmap", unmap_grant(abi::address_of(hole), mapping.handle), number(Grant_status::okay));
  bench.check_bits("flags", entries.flags(ref), granted);
  bench.check("unmap again", unmap_grant(abi::address_of(hole), mapping.handle), number(Grant_status::bad_handle));
}

void hole_afterwards(Bench& bench) {
  Grant_entries entries{bench};
  const Grant_ref ref = entries.grant(frame_of(bench.page()));
  const abi::Gfn hole = bench.hole();
  const auto ask_there = [&] { return xen_version(abi::Xen_version_op::get_features, abi::address_of(hole)); };
  bench.check("a call with an argument there", ask_there(), -abi::Errno::efault);
  const Mapping mapping = map_grant(entries.own(), ref, abi::address_of(hole));
  check_refused(bench, "map", mapping, Grant_status::okay);
  bench.check("unmap", unmap_grant(abi::address_of(hole), mapping.handle), number(Grant_status::okay));
  bench.check("a call with an argument there", ask_there(), -abi::Errno::efault);
}

void read_only(Bench& bench) {
  Grant_entries entries{bench};
  auto* const page = bench.page<std::uint64_t>();
  put(page[0], 0x5566);
  const Grant_ref ref = entries.grant(frame_of(page), flag::readonly);
  const abi::Gfn hole = bench.hole();
  check_refused(bench, "map for writing", map_grant(entries.own(), ref, abi::address_of(hole)),
                Grant_status::general_error);
  const Mapping mapping = map_grant(entries.own(), ref, abi::address_of(hole), kind::host_map | kind::readonly);
  check_refused(bench, "map for reading", mapping, Grant_status::okay);
  bench.check_bits("flags", entries.flags(ref), granted | flag::readonly | flag::reading);
  if (mapping.status == Grant_status::okay) {
    bench.check_bits("what is loaded there", get(*static_cast<std::uint64_t*>(at(hole))), 0x5566);
  }
  bench.check("unmap", unmap_grant(abi::address_of(hole), mapping.handle), number(Grant_status::okay));
  bench.check_bits("flags", entries.flags(ref), granted | flag::readonly);
}

void store_to_read_only(Bench& bench) {
  constexpr Vcpu_id victim{3};
  Grant_entries entries{bench};
  auto* const page = bench.page<std::uint64_t>();
  put(page[0], 0x5566);
  const Grant_ref ref = entries.grant(frame_of(page));
  const std::uint64_t place = abi::address_of(bench.hole());
  const Mapping for_reading = map_grant(entries.own(), ref, place, kind::host_map | kind::readonly);
  check_refused(bench, "map for reading", for_reading, Grant_status::okay);
  const std::uint64_t entry = bench.machine().storer(place);
  bench.check("CPU_ON of who stores there", firmware(abi::Psci_function::cpu_on_64, victim.value(), entry), 0);
  bench.check_that("it runs", bench.machine().awake(victim).has_value());
  bench.check_not("the store is done", bench.machine().is_done(victim, Wait::a_moment));
  bench.check_bits("what is in the page", get(page[0]), 0x5566);
  bench.check_not("it has taken an exception", bench.machine().has_taken_exception(victim, Wait::a_moment));
  bench.check("AFFINITY_INFO", firmware(abi::Psci_function::affinity_info_64, victim.value()),
              number(abi::Psci_affinity::on));
  // The vCPU is at its instruction still: it goes on as soon as the store may be made.
  bench.check("unmap", unmap_grant(place, for_reading.handle), number(Grant_status::okay));
  const Mapping for_writing = map_grant(entries.own(), ref, place);
  check_refused(bench, "map for writing, at the same place", for_writing, Grant_status::okay);
  bench.check_that("the store is done", bench.machine().is_done(victim, Wait::patiently));
  bench.check_bits("what is in the page", get(page[0]), 1);
  bench.machine().dismiss(victim);
  bench.check("unmap", unmap_grant(place, for_writing.handle), number(Grant_status::okay));
}

void read_only_of_writable(Bench& bench) {
  Grant_entries entries{bench};
  const Grant_ref ref = entries.grant(frame_of(bench.page()));
  const abi::Gfn hole = bench.hole();
  const Mapping mapping = map_grant(entries.own(), ref, abi::address_of(hole), kind::host_map | kind::readonly);
  check_refused(bench, "map for reading", mapping, Grant_status::okay);
  bench.check_bits("flags", entries.flags(ref), granted | flag::reading);
  bench.check("unmap", unmap_grant(abi::address_of(hole), mapping.handle), number(Grant_status::okay));
  bench.check_bits("flags", entries.flags(ref), granted);
}

void twice(Bench& bench) {
  Grant_entries entries{bench};
  const Grant_ref ref = entries.grant(frame_of(bench.page()));
  const std::uint64_t first_place = abi::address_of(bench.hole());
  const std::uint64_t second_place = abi::address_of(bench.hole());
  const Mapping first = map_grant(entries.own(), ref, first_place);
  check_refused(bench, "map", first, Grant_status::okay);
  const Mapping second = map_grant(entries.own(), ref, second_place, kind::host_map | kind::readonly);
  check_refused(bench, "map elsewhere, for reading", second, Grant_status::okay);
  bench.check_not("they have the same handle", first.handle == second.handle);
  bench.check_bits("flags", entries.flags(ref), granted | flag::reading | flag::writing);
  bench.check("unmap of the first", unmap_grant(first_place, first.handle), number(Grant_status::okay));
  bench.check_bits("flags", entries.flags(ref), granted | flag::reading);
  bench.check("unmap of the second", unmap_grant(second_place, second.handle), number(Grant_status::okay));
  bench.check_bits("flags", entries.flags(ref), granted);
}

void whose(Bench& bench) {
  Grant_entries entries{bench};
  const std::uint64_t place = abi::address_of(bench.hole());
  const Grant_ref ref = entries.grant(frame_of(bench.page()));
  check_refused(bench, "of domain 99", map_grant(no_domain, ref, place), Grant_status::bad_domain);
  check_refused(bench, "of DOMID_SELF", map_grant(abi::domain_self, ref, place), Grant_status::bad_domain);
  const Grant_ref for_another = entries.grant_to(no_domain, frame_of(bench.page()));
  check_refused(bench, "what is granted to another", map_grant(entries.own(), for_another, place),
                Grant_status::general_error);
  bench.check_bits("flags", entries.flags(for_another), granted);
}

void which(Bench& bench) {
  Grant_entries entries{bench};
  const std::uint64_t place = abi::address_of(bench.hole());
  check_refused(bench, "an unused entry", map_grant(entries.own(), entries.unused(), place),
                Grant_status::general_error);
  check_refused(bench, "entry 100000", map_grant(entries.own(), no_grant, place), Grant_status::bad_gntref);
  const Grant_ref of_a_hole = entries.grant(bench.hole());
  check_refused(bench, "a frame with nothing behind it", map_grant(entries.own(), of_a_hole, place),
                Grant_status::bad_page);
  bench.check_bits("flags", entries.flags(of_a_hole), granted);
}

void how(Bench& bench) {
  Grant_entries entries{bench};
  const std::uint64_t place = abi::address_of(bench.hole());
  const Grant_ref ref = entries.grant(frame_of(bench.page()));
  const auto map_as = [&](std::uint32_t flags) { return map_grant(entries.own(), ref, place, flags); };
  check_refused(bench, "neither host nor device", map_as(0), Grant_status::bad_gntref);
  check_refused(bench, "for a device", map_as(kind::device_map), Grant_status::general_error);
  check_refused(bench, "for host and device", map_as(kind::host_map | kind::device_map),
                Grant_status::general_error);
  check_refused(bench, "by page table entry", map_as(kind::host_map | kind::contains_pte),
                Grant_status::general_error);
  bench.check_bits("flags", entries.flags(ref), granted);
}

void handles(Bench& bench) {
  const std::uint64_t place = abi::address_of(bench.hole());
  bench.check("handle 5000", unmap_grant(place, abi::Grant_handle{5000}), number(Grant_status::bad_handle));
  bench.check("handle ~0", unmap_grant(place, abi::Grant_handle{~0U}), number(Grant_status::bad_handle));
}

void batch(Bench& bench) {
  Grant_entries entries{bench};
  const abi::Gfn first = bench.hole();
  const abi::Gfn third = bench.hole();
  const Grant_ref ref = entries.grant(frame_of(bench.page()));
  abi::Gnttab_map_grant_ref list[3] = {
      {.host_addr = abi::address_of(first), .flags = kind::host_map, .ref = ref, .dom = entries.own()},
      {.host_addr = abi::address_of(third), .flags = kind::host_map, .ref = no_grant, .dom = entries.own()},
      {.host_addr = abi::address_of(third), .flags = kind::host_map, .ref = ref, .dom = entries.own()}};
  bench.check("map of three", grant_table_op(abi::Grant_table_op::map_grant_ref, list, 3), 0);
  bench.check("the first", number(list[0].status), number(Grant_status::okay));
  bench.check("the second", number(list[1].status), number(Grant_status::bad_gntref));
  bench.check("the third", number(list[2].status), number(Grant_status::okay));
  bench.check("unmap of the first", unmap_grant(list[0].host_addr, list[0].handle), number(Grant_status::okay));
  bench.check("unmap of the third", unmap_grant(list[2].host_addr, list[2].handle), number(Grant_status::okay));
}

constexpr Case cases[] = {
    {"a grant maps a page at a second place, and its flags say so for as long",
     "GTF_reading and GTF_writing are set while the grant is mapped ([xen] grant_table.h)", mapped},
    {"where a grant was mapped there is nothing afterwards",
     "Unmapping removes the page from the address ([xen] arm/mm.c, replace_grant_host_mapping)", hole_afterwards},
    {"a read-only grant is mapped for reading only", "GTF_readonly; GNTMAP_readonly ([xen] grant_table.h)",
     read_only},
    {"a store through a mapping for reading is neither made nor answered: the vCPU tries for ever",
     "GNTMAP_readonly: the mapping may not be written ([xen] grant_table.h)", store_to_read_only,
     "the vCPU gets no data abort: Xen returns to the store, which faults again, until the mapping is another one"},
    {"a grant for writing may be mapped for reading",
     "GNTMAP_readonly sets GTF_reading alone ([xen] grant_table.h)", read_only_of_writable},
    {"a grant may be mapped more than once, and is in use until the last mapping is undone",
     "Pin counts of readers and writers ([xen] grant_table.c)", twice},
    {"a grant is found by its owner's number, and is for whom it names",
     "GNTTABOP_map_grant_ref: dom is the granter, the entry's domid the caller ([xen] grant_table.h)", whose},
    {"an entry must grant, exist, and name a page",
     "GNTST_general_error, _bad_gntref, _bad_page ([xen] grant_table.h)", which},
    {"Arm maps for the host, by address",
     "GNTMAP_host_map is needed; device and page table entries are x86's "
     "([xen] arm/mm.c, create_grant_host_mapping)",
     how},
    {"a handle that names no mapping is refused", "GNTST_bad_handle ([xen] grant_table.h)", handles},
    {"each operation of a list has its status, and one that fails does not stop the rest",
     "A batch is carried out one by one ([xen] grant_table.h)", batch},
};

}  // namespace

constinit const Subject grants_subject{"grants", cases};

}  // namespace enlighten::conformance
