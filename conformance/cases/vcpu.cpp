// SPDX-License-Identifier: MIT
// VCPUOP_*: registering vcpu_info and runstate areas, for the calling vCPU and for others, on and off.
//
// A vcpu_info is registered for as long as the domain lives: vCPU 1's and 2's here while they are off, vCPU 3's
// while it runs.
#include <conformance/ports.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Vcpu_op;

constexpr Vcpu_id first_off{1};
constexpr Vcpu_id second_off{2};
constexpr Vcpu_id started{3};

// The last multiple of 8 at which the structure stays within a page is 4048.
constexpr std::uint32_t across = 4056;

[[nodiscard]] std::int64_t register_info(Vcpu_id vcpu, abi::Gfn frame, std::uint32_t offset) noexcept {
  abi::Vcpu_register_vcpu_info argument{.mfn = frame, .offset = offset};
  return vcpu_op(Vcpu_op::register_vcpu_info, vcpu, address_of(argument));
}

[[nodiscard]] std::int64_t register_runstate(Vcpu_id vcpu, abi::Vcpu_runstate_info* area) noexcept {
  abi::Vcpu_register_runstate_memory_area argument{abi::Guest_handle{area}};
  return vcpu_op(Vcpu_op::register_runstate_memory_area, vcpu, address_of(argument));
}

void operations(Bench& bench) {
  for (const std::uint32_t operation : {0U, 1U, 2U, 3U, 4U, 6U, 7U, 11U, 12U, 13U, 14U, 15U, 99U}) {
    bench.check("operation", operation, operation);
    bench.check("for vCPU 0", vcpu_op(operation, self, nowhere), -Errno::einval);
  }
  bench.check("is_up of vCPU 99", vcpu_op(Vcpu_op::is_up, no_vcpu, nowhere), -Errno::enoent);
  bench.check("99 of vCPU 99", vcpu_op(99, no_vcpu, nowhere), -Errno::enoent);
  bench.check("register_vcpu_info of vCPU 99", register_info(no_vcpu, frame_of(bench.page()), 0), -Errno::enoent);
  bench.check("register_vcpu_info from nowhere", vcpu_op(Vcpu_op::register_vcpu_info, first_off, nowhere),
              -Errno::efault);
}

void places(Bench& bench) {
  const abi::Gfn frame = frame_of(bench.page());
  bench.check("offset 4", register_info(first_off, frame, 4), -Errno::enxio);
  bench.check("offset 4056", register_info(first_off, frame, across), -Errno::enxio);
  bench.check("offset 4096", register_info(first_off, frame, abi::page_size),
              Expected{-Errno::enxio}.since(4, 18, -Errno::einval));
  bench.check("offset 0xfffffff8", register_info(first_off, frame, 0xffff'fff8),
              Expected{-Errno::enxio}.since(4, 18, -Errno::einval));
  bench.check("a hole", register_info(first_off, bench.hole(), 0), -Errno::einval);
  bench.check("frame ~0", register_info(first_off, abi::no_frame, 0), -Errno::einval);
}

void again(Bench& bench) {
  // 4.18 turned the order round: whether there is one already is looked at first.
  const abi::Gfn frame = frame_of(bench.page());
  bench.check("for vCPU 0", register_info(self, frame, 0), Expected{-Errno::einval}.since(4, 18, -Errno::ebusy));
  bench.check("at offset 4", register_info(self, frame, 4), Expected{-Errno::enxio}.since(4, 18, -Errno::ebusy));
}

void while_off(Bench& bench) {
  auto& info = *bench.page<abi::Vcpu_info>();
  info.time.version = 0x5555;
  info.evtchn_pending_sel = 5;
  const abi::Gfn frame = frame_of(&info);
  bench.check("register_vcpu_info", register_info(first_off, frame, 0), 0);
  bench.check("upcall", get(info.evtchn_upcall_pending), 1);
  bench.check_bits("selector", get(info.evtchn_pending_sel), ~std::uint64_t{0});
  bench.check("the rest is cleared", info.time.version, 0);
  bench.check("again", register_info(first_off, frame, 0), Expected{-Errno::einval}.since(4, 18, -Errno::ebusy));

  put(info.evtchn_upcall_pending, 0);
  put(info.evtchn_pending_sel, 0);
  const Port port = bound(bench, "bind_ipi to it", bind_ipi(first_off));
  bench.check("send", send(port), 0);
  bench.check("upcall", get(info.evtchn_upcall_pending), 1);
  bench.check_bits("selector", get(info.evtchn_pending_sel), 1);
  bench.check_not("an upcall for vCPU 0", upcall(bench));
}

void after_off_and_on(Bench& bench) {
  const std::uint64_t entry = bench.machine().sleeper();
  bench.check("CPU_ON", firmware(abi::Psci_function::cpu_on_64, first_off.value(), entry, 0), 0);
  bench.check_that("it runs", bench.machine().awake(first_off).has_value());
  bench.machine().dismiss(first_off);
  bench.check("register_vcpu_info", register_info(first_off, frame_of(bench.page()), 0),
              Expected{-Errno::einval}.since(4, 18, -Errno::ebusy));
  bench.check("reset", reset(), 0);
  bench.check("after EVTCHNOP_reset", register_info(first_off, frame_of(bench.page()), 0),
              Expected{-Errno::einval}.since(4, 18, -Errno::ebusy));
}

void while_on(Bench& bench) {
  const std::uint64_t entry = bench.machine().sleeper();
  bench.check("CPU_ON", firmware(abi::Psci_function::cpu_on_64, started.value(), entry, 0), 0);
  bench.check_that("it runs", bench.machine().awake(started).has_value());
  auto& info = *bench.page<abi::Vcpu_info>();
  bench.check("register_vcpu_info", register_info(started, frame_of(&info), 0),
              Expected{-Errno::einval}.since(4, 18, 0));
  bench.check("upcall", get(info.evtchn_upcall_pending), Expected{0}.since(4, 18, 1));
  bench.machine().dismiss(started);
}

void runstates(Bench& bench) {
  auto& own = *bench.page<abi::Vcpu_runstate_info>();
  bench.check("for vCPU 0", register_runstate(self, &own), 0);
  bench.check("its state", number(own.state), number(abi::Runstate::running));
  bench.check_that("since some time", own.state_entry_time > 0);
  auto& other = *bench.page<abi::Vcpu_runstate_info>();
  bench.check("for vCPU 2, which is off", register_runstate(second_off, &other), 0);
  bench.check("its state", number(other.state), number(abi::Runstate::offline));
  bench.check("it has run", static_cast<std::int64_t>(other.time[0]), 0);
  bench.check("for vCPU 99", register_runstate(no_vcpu, &other), -Errno::enoent);
  bench.check("elsewhere", register_runstate(self, bench.page<abi::Vcpu_runstate_info>()), 0);
}

void runstate_anywhere(Bench& bench) {
  bench.check("from nowhere", vcpu_op(Vcpu_op::register_runstate_memory_area, self, nowhere), -Errno::efault);
  bench.check("at nowhere", register_runstate(self, reinterpret_cast<abi::Vcpu_runstate_info*>(nowhere)), 0);
  bench.check("at 0", register_runstate(self, nullptr), 0);
}

void interrupt_while_off(Bench& bench) {
  auto& info = *bench.page<abi::Vcpu_info>();
  bench.check("register_vcpu_info", register_info(second_off, frame_of(&info), 0), 0);
  put(info.evtchn_upcall_pending, 0);
  put(info.evtchn_pending_sel, 0);
  const Port port = bound(bench, "bind_ipi to it", bind_ipi(second_off));
  bench.check("send", send(port), 0);
  bench.check("upcall", get(info.evtchn_upcall_pending), 1);

  const std::uint64_t entry = bench.machine().taker();
  bench.check("CPU_ON", firmware(abi::Psci_function::cpu_on_64, second_off.value(), entry, 0), 0);
  bench.check_that("it takes interrupts", bench.machine().is_done(second_off, Wait::patiently));
  bench.check("interrupts that came", bench.machine().interrupts_taken(second_off, 1, Wait::a_moment), 0);
  bench.check("send again", send(port), 0);
  bench.check("interrupts that came", bench.machine().interrupts_taken(second_off, 1, Wait::a_moment), 0);
  put(info.evtchn_upcall_pending, 0);
  put(info.evtchn_pending_sel, 0);
  clear_pending(bench, port);
  bench.check("send, with flag and port cleared", send(port), 0);
  bench.check("interrupts that came", bench.machine().interrupts_taken(second_off, 1, Wait::patiently), 1);
  bench.machine().dismiss(second_off);
}

void announced(Bench& bench) {
  abi::Xen_feature_info features{.submap_idx = 0};
  bench.check("get_features", xen_version(abi::Xen_version_op::get_features, address_of(features)), 0);
  bench.check("XENFEAT_runstate_phys_area", features.submap >> 18 & 1U, Expected{0}.since(4, 18, 1));
  std::uint64_t area = reinterpret_cast<std::uintptr_t>(bench.page());
  bench.check("VCPUOP_register_runstate_phys_area", vcpu_op(14, self, address_of(area)), -Errno::einval);
}

constexpr Case cases[] = {
    {"Arm has two operations on vCPUs; all others are EINVAL, and a vCPU that does not exist ENOENT",
     "VCPUOP_register_vcpu_info and _register_runstate_memory_area; PSCI does the rest ([xen] arm/domain.c)",
     operations},
    {"a vcpu_info lies at a multiple of 8 within a page of RAM",
     "VCPUOP_register_vcpu_info must not cross a page boundary ([xen] vcpu.h)", places},
    {"a vcpu_info is registered once", "This may be called only once per vcpu ([xen] vcpu.h)", again},
    {"a vCPU that is off can have its vcpu_info registered: it then looks as if everything were pending",
     "The new place is marked pending so that nothing is missed ([xen] domain.c, map_vcpu_info)", while_off},
    {"a registered vcpu_info outlives CPU_OFF and EVTCHNOP_reset",
     "There is no way to undo VCPUOP_register_vcpu_info on Arm ([xen] vcpu.h)", after_off_and_on},
    {"a running vCPU's vcpu_info can be registered by another one since 4.18, not before",
     "The vCPU must be the caller or offline; from 4.18 on Xen pauses it ([xen] domain.c)", while_on},
    {"a runstate area is filled as it is registered, and may be registered again",
     "VCPUOP_register_runstate_memory_area: running is 0, offline 3 ([xen] vcpu.h)", runstates},
    {"a runstate area may be anywhere, and what cannot be written is passed over",
     "The area is a virtual address that may not be mapped at each switch ([xen] vcpu.h)", runstate_anywhere},
    {"the interrupt of an event that came while the vCPU was off is not there when it comes on; the next event's "
     "is",
     "An interrupt for a vCPU that is down is dropped ([xen] arm/vgic.c, vgic_inject_irq)", interrupt_while_off},
    {"the runstate area by physical address is refused, announced or not",
     "XENFEAT_runstate_phys_area: VCPUOP_register_runstate_phys_area is there ([xen] features.h of 4.18)",
     announced, "since 4.18 the feature bit is set on Arm, and the operation is EINVAL"},
};

}  // namespace

constinit const Subject vcpu_subject{"vcpu", cases};

}  // namespace enlighten::conformance
