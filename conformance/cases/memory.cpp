// SPDX-License-Identifier: MIT
// A domain's own memory: given back, taken again, counted.
#include <conformance/grants.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Memory_op;

[[nodiscard]] std::int64_t reserve(Memory_op operation, abi::Gfn* frames, std::uint64_t count,
                                   std::uint32_t order = 0, Domain_id dom = abi::domain_self) noexcept {
  return memory_op(
      operation,
      abi::Xen_memory_reservation{
          .extent_start = abi::Guest_handle{frames}, .nr_extents = count, .extent_order = order, .domid = dom});
}

[[nodiscard]] std::int64_t pages(Memory_op question, Domain_id dom = abi::domain_self) noexcept {
  return memory_op(question, abi::Xen_memory_domain{dom});
}

void given_back(Bench& bench) {
  auto* const page = bench.page<std::uint64_t>();
  abi::Gfn list[] = {frame_of(page)};
  const auto ask_there = [&] { return xen_version(abi::Xen_version_op::get_features, address_of(page[0])); };
  const std::int64_t before = pages(Memory_op::current_reservation);
  bench.check("decrease", reserve(Memory_op::decrease_reservation, list, 1), 1);
  bench.check("fewer pages", before - pages(Memory_op::current_reservation), 1);
  bench.check("a call with an argument there", ask_there(), -Errno::efault);
  bench.check("decrease again", reserve(Memory_op::decrease_reservation, list, 1), 0);
  if (!bench.check("populate", reserve(Memory_op::populate_physmap, list, 1), 1)) {
    return;
  }
  bench.check("pages as before", pages(Memory_op::current_reservation) - before, 0);
  // What is in it is nobody's promise: Xen clears the pages of domains that die, not those that are given back.
  bench.check("a call with an argument there", ask_there(), 0);
}

void several(Bench& bench) {
  abi::Gfn list[] = {frame_of(bench.page()), bench.hole(), frame_of(bench.page())};
  // Stops at the first that cannot be done.
  bench.check("decrease of a page, a hole, a page", reserve(Memory_op::decrease_reservation, list, 3), 1);
  abi::Gfn rest[] = {list[0]};
  bench.check("populate of the first", reserve(Memory_op::populate_physmap, rest, 1), 1);
  abi::Gfn both[] = {list[0], list[2]};
  bench.check("decrease of two pages", reserve(Memory_op::decrease_reservation, both, 2), 2);
  bench.check("populate of both", reserve(Memory_op::populate_physmap, both, 2), 2);
}

void at_another_place(Bench& bench) {
  abi::Gfn page[] = {frame_of(bench.page())};
  abi::Gfn hole[] = {bench.hole()};
  bench.check("decrease", reserve(Memory_op::decrease_reservation, page, 1), 1);
  if (!bench.check("populate elsewhere", reserve(Memory_op::populate_physmap, hole, 1), 1)) {
    return;
  }
  auto* const there = static_cast<std::uint64_t*>(at(hole[0]));
  put(there[0], 0x4242);
  bench.check_bits("what was stored", get(there[0]), 0x4242);
  bench.check("decrease there", reserve(Memory_op::decrease_reservation, hole, 1), 1);
  bench.check("populate at home", reserve(Memory_op::populate_physmap, page, 1), 1);
}

void limits(Bench& bench) {
  abi::Gfn hole[] = {bench.hole()};
  bench.check("room", pages(Memory_op::maximum_reservation) - pages(Memory_op::current_reservation), 0);
  bench.check("populate of one page more", reserve(Memory_op::populate_physmap, hole, 1), 0);
  bench.check("increase by one page", reserve(Memory_op::increase_reservation, hole, 1), 0);
  bench.check("order 10", reserve(Memory_op::populate_physmap, hole, 1, 10), 0);
  bench.check("order 63", reserve(Memory_op::populate_physmap, hole, 1, 63), 0);
  bench.check("of nothing", reserve(Memory_op::populate_physmap, hole, 0), 0);
}

void never_errors(Bench& bench) {
  abi::Gfn hole[] = {bench.hole()};
  bench.check("populate of domain 99", reserve(Memory_op::populate_physmap, hole, 1, 0, no_domain), 0);
  bench.check("decrease of domain 99", reserve(Memory_op::decrease_reservation, hole, 1, 0, no_domain), 0);
  bench.check("a list nobody can read",
              reserve(Memory_op::decrease_reservation, reinterpret_cast<abi::Gfn*>(nowhere), 1), 0);
  bench.check(
      "an argument nobody can read",
      arch::hypercall(abi::Hypercall::memory_op, static_cast<std::uint64_t>(Memory_op::populate_physmap), nowhere),
      0);
}

void counts(Bench& bench) {
  bench.check_that("pages of the domain", pages(Memory_op::current_reservation) > 0);
  bench.check("of domain 99", pages(Memory_op::current_reservation, no_domain), -Errno::esrch);
  bench.check("maximum of domain 99", pages(Memory_op::maximum_reservation, no_domain), -Errno::esrch);
  bench.check("from nowhere",
              arch::hypercall(abi::Hypercall::memory_op, static_cast<std::uint64_t>(Memory_op::current_reservation),
                              nowhere),
              -Errno::efault);
  const std::int64_t highest = pages(Memory_op::maximum_gpfn);
  bench.check_that("the highest frame is one of RAM or beyond",
                   highest >= static_cast<std::int64_t>(frame_of(bench.page()).value()));
  bench.check("of domain 99", pages(Memory_op::maximum_gpfn, no_domain), -Errno::esrch);
}

void operations(Bench& bench) {
  const auto operation = [](std::uint64_t which) {
    std::uint8_t bytes[64] = {};
    return arch::hypercall(abi::Hypercall::memory_op, which, address_of(bytes));
  };
  bench.check("memory_map", operation(9), -Errno::enosys);
  bench.check("machine_memory_map", operation(10), -Errno::enosys);
  bench.check("63", operation(63), -Errno::enosys);
  abi::Gfn list[] = {abi::Gfn{0}};
  const Domain_id own = own_number(bench);
  bench.check("claim_pages", reserve(Memory_op::claim_pages, nullptr, 1, 0, own), -Errno::eperm);
  bench.check("claim_pages with a list", reserve(Memory_op::claim_pages, list, 1, 0, own), -Errno::einval);
  bench.check("claim_pages of DOMID_SELF", reserve(Memory_op::claim_pages, nullptr, 1), -Errno::einval);
}

void topology(Bench& bench) {
  // struct xen_vnuma_topology_info: domid, pad, three counts, pad, three handles.
  struct alignas(8) Topology {
    Domain_id domid = abi::domain_self;
    std::uint16_t pad = 0;
    std::uint32_t counts[3] = {8, 8, 8};
    std::uint64_t handles[3] = {};
  };
  bench.check("get_vnumainfo", memory_op(Memory_op::get_vnumainfo, Topology{}), -Errno::eopnotsupp);
}

constexpr Case cases[] = {
    {"a page given back leaves a hole, and can be taken again",
     "XENMEM_decrease_reservation, XENMEM_populate_physmap ([xen] memory.h)", given_back},
    {"reservations end at the first extent that cannot be done, and return how many were",
     "The number of extents is returned ([xen] memory.h)", several},
    {"a page may come back at another place", "XENMEM_populate_physmap: where the list says ([xen] memory.h)",
     at_another_place},
    {"a domain has all it may have, and extents up to 2 MiB",
     "max_pages of a domain is its RAM; the order is limited for ordinary domains ([xen] asm/config.h)", limits},
    {"reservations return a count even if nothing of their argument is right",
     "Returns the number of extents ([xen] memory.h)", never_errors,
     "EFAULT and ESRCH would be errors elsewhere; here they are 0 extents"},
    {"the domain's pages are counted for itself only",
     "XENMEM_current_reservation, _maximum_reservation, "
     "_maximum_gpfn ([xen] memory.h)",
     counts},
    {"the machine's map is not for Arm, and claims are the toolstack's", "XENMEM_* ([xen] memory.h)", operations},
    {"a domain without virtual NUMA has none to describe", "XENMEM_get_vnumainfo ([xen] memory.h)", topology},
};

}  // namespace

constinit const Subject memory_subject{"memory", cases};

}  // namespace enlighten::conformance
