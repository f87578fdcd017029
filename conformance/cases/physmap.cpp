// SPDX-License-Identifier: MIT
// Which of Xen's pages a domain finds where: XENMEM_add_to_physmap, its batch, XENMEM_remove_from_physmap.
#include <conformance/grants.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Map_space;
using abi::Memory_op;

void shared_info_moves(Bench& bench) {
  const abi::Gfn home = frame_of(&bench.shared_info());
  const abi::Gfn hole = bench.hole();
  bench.check("a second time", add_to_physmap(Map_space::shared_info, 0, hole), -Errno::ebusy);
  bench.check("remove", remove_from_physmap(home), 0);
  bench.check("remove again", remove_from_physmap(home), -Errno::enoent);
  bench.check("elsewhere", add_to_physmap(Map_space::shared_info, 0, hole), 0);
  auto& there = *static_cast<abi::Shared_info*>(at(hole));
  const Port port = bound(bench, "bind_ipi", bind_ipi(self));
  bench.check("send", send(port), 0);
  bench.check_bits("pending, there", get(there.evtchn_pending[0]), std::uint64_t{1} << port.value());
  bench.check("remove", remove_from_physmap(hole), 0);
  bench.check("home again", add_to_physmap(Map_space::shared_info, 0, home), 0);
  bench.check_that("pending, at home", is_pending(bench, port));
}

void indices(Bench& bench) {
  const abi::Gfn hole = bench.hole();
  bench.check("shared_info 1", add_to_physmap(Map_space::shared_info, 1, hole), -Errno::einval);
  bench.check("shared_info at frame ~0", add_to_physmap(Map_space::shared_info, 0, abi::no_frame), -Errno::einval);
  bench.check("of domain 99", add_to_physmap(Map_space::shared_info, 0, hole, no_domain), -Errno::esrch);
  bench.check("remove of domain 99", remove_from_physmap(hole, no_domain), -Errno::esrch);
  bench.check("remove of a hole", remove_from_physmap(hole), -Errno::enoent);
  bench.check("remove of frame ~0", remove_from_physmap(abi::no_frame), -Errno::enoent);
}

void own_number_works(Bench& bench) {
  const Domain_id own = own_number(bench);
  const abi::Gfn home = frame_of(&bench.shared_info());
  bench.check("remove", remove_from_physmap(home, own), 0);
  bench.check("add", add_to_physmap(Map_space::shared_info, 0, home, own), 0);
}

void spaces(Bench& bench) {
  const abi::Gfn hole = bench.hole();
  bench.check("gmfn", add_to_physmap(Map_space::gmfn, 0, hole), -Errno::enosys);
  bench.check("gmfn_range of nothing", add_to_physmap(Map_space::gmfn_range, 0, hole), 0);
  bench.check("gmfn_foreign", add_to_physmap(Map_space::gmfn_foreign, 0, hole), -Errno::enosys);
  bench.check("dev_mmio", add_to_physmap(Map_space::dev_mmio, 0, hole), -Errno::eacces);
  bench.check("space 9", add_to_physmap(static_cast<Map_space>(9), 0, hole), -Errno::enosys);
}

void in_place_of_ram(Bench& bench) {
  auto* const page = bench.page<std::uint64_t>();
  const abi::Gfn frame = frame_of(page);
  put(page[9], 0x77);
  const auto pages = [] {
    return memory_op(Memory_op::current_reservation, abi::Xen_memory_domain{abi::domain_self});
  };
  const std::int64_t before = pages();
  bench.check("grant frame 0 over a page of RAM", add_to_physmap(Map_space::grant_table, 0, frame), 0);
  bench.check_bits("what is there", get(page[9]), 0);
  bench.check("fewer pages", before - pages(), 0);
  bench.check("remove", remove_from_physmap(frame), 0);
  bench.check("a call with an argument there", xen_version(abi::Xen_version_op::get_features, address_of(*page)),
              -Errno::efault);
  // The page is the domain's still, although it cannot be reached: there is no room for another one.
  abi::Gfn list[] = {frame};
  const abi::Xen_memory_reservation one{
      .extent_start = abi::Guest_handle{list}, .nr_extents = 1, .domid = abi::domain_self};
  bench.check("populate", memory_op(Memory_op::populate_physmap, one), 0);
}

void access_to_a_hole(Bench& bench) {
  constexpr Vcpu_id victim{3};
  const abi::Gfn hole = bench.hole();
  const std::uint64_t entry = bench.machine().storer(abi::address_of(hole));
  bench.check("CPU_ON of who stores there", firmware(abi::Psci_function::cpu_on_64, victim.value(), entry), 0);
  bench.check_that("it runs", bench.machine().awake(victim).has_value());
  bench.check_that("it has taken an exception", bench.machine().has_taken_exception(victim, Wait::patiently));
  bench.check_not("the store is done", bench.machine().is_done(victim, Wait::a_moment));
  bench.check("grant frame 0 is placed there", add_to_physmap(Map_space::grant_table, 0, hole), 0);
  bench.check_that("the store is done", bench.machine().is_done(victim, Wait::patiently));
  auto& word = *static_cast<std::uint64_t*>(at(hole));
  bench.check_bits("what is there", get(word), 1);
  put(word, 0);
  bench.machine().dismiss(victim);
  bench.check("removed", remove_from_physmap(hole), 0);
}

[[nodiscard]] std::int64_t batch(Map_space space, std::uint64_t* indices, abi::Gfn* frames, std::int32_t* errors,
                                 std::uint16_t count, Domain_id foreign = Domain_id{0}) noexcept {
  return memory_op(Memory_op::add_to_physmap_batch,
                   abi::Xen_add_to_physmap_batch{.domid = abi::domain_self,
                                                 .space = static_cast<std::uint16_t>(space),
                                                 .size = count,
                                                 .foreign_domid = foreign,
                                                 .idxs = abi::Guest_handle{indices},
                                                 .gpfns = abi::Guest_handle{frames},
                                                 .errs = abi::Guest_handle{errors}});
}

void batches(Bench& bench) {
  std::uint64_t indices[] = {0, 0};
  abi::Gfn frames[] = {bench.hole(), bench.hole()};
  std::int32_t errors[] = {7, 7};
  bench.check("grant frame 0, twice", batch(Map_space::grant_table, indices, frames, errors, 2), 0);
  bench.check("the first", errors[0], 0);
  bench.check("the second", errors[1], -Errno::ebusy);
  bench.check("remove", remove_from_physmap(frames[0]), 0);
  bench.check("of nothing", batch(Map_space::grant_table, indices, frames, errors, 0), 0);
  bench.check("gmfn_range", batch(Map_space::gmfn_range, indices, frames, errors, 1), -Errno::eopnotsupp);
}

void foreign(Bench& bench) {
  std::uint64_t indices[] = {0};
  abi::Gfn frames[] = {bench.hole()};
  std::int32_t errors[] = {7};
  bench.check("of domain 99", batch(Map_space::gmfn_foreign, indices, frames, errors, 1, no_domain), 0);
  bench.check("its error", errors[0], -Errno::esrch);
}

constexpr Case cases[] = {
    {"shared_info is in one place, can be moved, and keeps what is in it",
     "XENMAPSPACE_shared_info; EBUSY while it is mapped ([xen] memory.h, arm/mm.c)", shared_info_moves},
    {"there is one shared_info, frames are within the address space, and domains exist",
     "EINVAL for index and frame, ESRCH for the domain, ENOENT for a hole ([xen] memory.h, arm/mm.c)", indices},
    {"a domain's own number stands for DOMID_SELF", "XENMEM_add_to_physmap: domid ([xen] memory.h)",
     own_number_works},
    {"of the spaces an ordinary domain has shared_info and grant_table",
     "XENMAPSPACE_*: foreign frames in batches only, dev_mmio for the hardware domain ([xen] memory.h)", spaces},
    {"what is placed over RAM takes its place, and leaves a hole and a page that is lost",
     "A domain gives pages back by XENMEM_decrease_reservation ([xen] memory.h)", in_place_of_ram},
    {"an access to a frame with nothing behind it is a data abort, until something is placed there",
     "A stage 2 translation fault that Xen does not resolve is injected into the guest ([xen] arm/traps.c)",
     access_to_a_hole},
    {"each frame of a batch has its error", "XENMEM_add_to_physmap_batch: errs ([xen] memory.h)", batches},
    {"frames of a domain that does not exist are ESRCH, one by one",
     "XENMAPSPACE_gmfn_foreign ([xen] memory.h, arm/mm.c)", foreign},
};

}  // namespace

constinit const Subject physmap_subject{"physmap", cases};

}  // namespace enlighten::conformance
