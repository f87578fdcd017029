// SPDX-License-Identifier: MIT
// What one ordinary domain asks for in the name of another: refused, with SILO and without.
#include <conformance/grants.hpp>
#include <conformance/peer.hpp>

#include "pair_subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Map_space;
using abi::Memory_op;

void parameters(Bench& bench, Peer& peer) {
  const auto parameter = [&](abi::Hvm_param which) {
    return abi::Xen_hvm_param{.domid = peer.domain(), .index = which, .value = 99};
  };
  using enum abi::Hvm_param;
  abi::Xen_hvm_param argument = parameter(store_evtchn);
  bench.check("get_param of the peer", hvm_op(abi::Hvm_op::get_param, argument), -Errno::eperm);
  bench.check("the value is left alone", static_cast<std::int64_t>(argument.value), 99);
  bench.check("get_param 5 of the peer", hvm_op(abi::Hvm_op::get_param, parameter(abi::Hvm_param{5})),
              -Errno::eperm);
  bench.check("set_param of the peer", hvm_op(abi::Hvm_op::set_param, parameter(callback_irq)), -Errno::eperm);
}

void places(Bench& bench, Peer& peer) {
  const abi::Gfn hole = bench.hole();
  bench.check("shared_info in the peer", add_to_physmap(Map_space::shared_info, 0, hole, peer.domain()),
              -Errno::eperm);
  bench.check("a grant frame in the peer", add_to_physmap(Map_space::grant_table, 0, hole, peer.domain()),
              -Errno::eperm);
  bench.check("remove from the peer", remove_from_physmap(frame_of(&bench.shared_info()), peer.domain()),
              -Errno::eperm);
}

void counts(Bench& bench, Peer& peer) {
  const abi::Xen_memory_domain domain{peer.domain()};
  bench.check("current_reservation of the peer", memory_op(Memory_op::current_reservation, domain), -Errno::eperm);
  bench.check("maximum_reservation of the peer", memory_op(Memory_op::maximum_reservation, domain), -Errno::eperm);
  bench.check("maximum_gpfn of the peer", memory_op(Memory_op::maximum_gpfn, domain), -Errno::eperm);
}

void reservations(Bench& bench, Peer& peer) {
  abi::Gfn frames[] = {bench.hole()};
  const auto reserve = [&](Memory_op operation) {
    return memory_op(operation,
                     abi::Xen_memory_reservation{
                         .extent_start = abi::Guest_handle{frames}, .nr_extents = 1, .domid = peer.domain()});
  };
  bench.check("populate in the peer", reserve(Memory_op::populate_physmap), 0);
  bench.check("decrease of the peer", reserve(Memory_op::decrease_reservation), 0);
}

void foreign_frames(Bench& bench, Peer& peer) {
  // A frame that the peer has: its shared_info lies where ours does.
  std::uint64_t indices[] = {frame_of(bench.page()).value()};
  abi::Gfn frames[] = {bench.hole()};
  std::int32_t errors[] = {7};
  bench.check("gmfn_foreign of the peer",
              memory_op(Memory_op::add_to_physmap_batch,
                        abi::Xen_add_to_physmap_batch{.domid = abi::domain_self,
                                                      .space = static_cast<std::uint16_t>(Map_space::gmfn_foreign),
                                                      .size = 1,
                                                      .foreign_domid = peer.domain(),
                                                      .idxs = abi::Guest_handle{indices},
                                                      .gpfns = abi::Guest_handle{frames},
                                                      .errs = abi::Guest_handle{errors}}),
              0);
  bench.check("its error", errors[0], -Errno::eperm);
}

void shutdowns(Bench& bench, Peer& peer) {
  bench.check("remote_shutdown of the peer",
              sched_op(abi::Sched_op::remote_shutdown,
                       abi::Sched_remote_shutdown{peer.domain(), abi::Shutdown_reason::poweroff}),
              -Errno::eperm);
}

constexpr Pair_case cases[] = {
    {"a domain's parameters are not for its peer, not even whether they exist",
     "HVMOP_get_param and _set_param ask XSM before they look at the index ([xen] arm/hvm.c)", parameters,
     parameters},
    {"nobody places frames in another domain, or takes them away",
     "XENMEM_add_to_physmap and _remove_from_physmap of another domain are for control domains ([xen] xsm/dummy.h)",
     places, places},
    {"nobody counts another domain's pages",
     "XENMEM_current_reservation and its relatives are for the domain and its control domain ([xen] memory.c)",
     counts, counts},
    {"a reservation in another domain comes to nothing, without an error",
     "XENMEM_populate_physmap, _decrease_reservation return the number of extents ([xen] memory.h)", reservations,
     reservations, "EPERM would be an error elsewhere; here it is 0 extents"},
    {"nobody maps another domain's frames", "XENMAPSPACE_gmfn_foreign asks XSM ([xen] arm/mm.c)", foreign_frames,
     foreign_frames},
    {"nobody shuts another domain down", "SCHEDOP_remote_shutdown is for control domains ([xen] sched.h)",
     shutdowns, shutdowns},
};

}  // namespace

constinit const Pair_subject peer_operations_subject{"peer_operations", cases};

}  // namespace enlighten::conformance
