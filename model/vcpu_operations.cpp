// SPDX-License-Identifier: MIT
// What a guest registers for a vCPU, and how vCPUs give up their time: vcpu_op and sched_op.
#include <abi/domain_id.hpp>
#include <abi/vcpu_op.hpp>
#include <model/xen.hpp>

#include "arguments.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using arguments::refusal;

// Others may raise an event there at that moment; from nowhere come zeroes.
void copy_info(abi::Vcpu_info& to, abi::Vcpu_info* from) {
  to = abi::Vcpu_info{};
  if (from != nullptr) {
    to.evtchn_upcall_pending = std::atomic_ref{from->evtchn_upcall_pending}.load();
    to.pad0 = from->pad0;
    to.evtchn_pending_sel = std::atomic_ref{from->evtchn_pending_sel}.load();
    to.time = from->time;
  }
}

}  // namespace

// [xen] arm/domain.c, do_arm_vcpu_op: whether the vCPU exists is asked before which operation it is.
std::int64_t Domain::vcpu_op(Vcpu_id self, std::uint64_t operation, std::uint64_t vcpu, std::uint64_t argument) {
  const Vcpu_id target{static_cast<std::uint32_t>(vcpu)};
  if (target.value() >= vcpus()) {
    return refusal(Errno::enoent);
  }
  switch (static_cast<abi::Vcpu_op>(static_cast<std::uint32_t>(operation))) {
    case abi::Vcpu_op::register_vcpu_info:
      return register_vcpu_info(self, target, argument);
    case abi::Vcpu_op::register_runstate_memory_area:
      return register_runstate(target, argument);
    default:
      return refusal(Errno::einval);
  }
}

// [xen] common/domain.c: map_vcpu_info() to 4.17, map_guest_area() since 4.18.
std::int64_t Domain::register_vcpu_info(Vcpu_id self, Vcpu_id vcpu, std::uint64_t argument) {
  abi::Vcpu_register_vcpu_info wanted{abi::no_frame, 0};
  if (!copy_from_guest(&wanted, argument, sizeof wanted)) {
    return refusal(Errno::efault);
  }
  check_named_vcpu(self, vcpu, "VCPUOP_register_vcpu_info");
  const Lock_guard guard{lock_, turns()};
  Vcpu_state& state = vcpus_[vcpu.value()];
  const bool old = release() == Release::v4_17;
  if (!old && wanted.offset >= abi::page_size) {
    return refusal(Errno::einval);
  }
  const bool registered = state.info.load(std::memory_order_relaxed) != nullptr;
  if (!old && registered) {
    return refusal(Errno::ebusy);
  }
  if (wanted.offset > abi::page_size - sizeof(abi::Vcpu_info) || wanted.offset % alignof(abi::Vcpu_info) != 0) {
    return refusal(Errno::enxio);
  }
  if (old && registered) {
    return refusal(Errno::einval);
  }
  if ((old || !quirks().registers_info_of_online_vcpus) && vcpu != self &&
      !state.down.load(std::memory_order_relaxed)) {
    return refusal(Errno::einval);
  }
  std::byte* const page = ram(wanted.mfn);
  if (page == nullptr) {
    return refusal(Errno::einval);
  }
  pin(wanted.mfn, "vcpu_info");
  auto& place = *reinterpret_cast<abi::Vcpu_info*>(page + wanted.offset);
  // The dummy is nobody's: it is not copied.
  const bool from_dummy = vcpu.value() >= abi::legacy_max_vcpus;
  turns().step(&place);
  copy_info(place, from_dummy ? nullptr : &vcpu_info(vcpu));
  state.info.store(&place, std::memory_order_release);
  // What came meanwhile went to the old place: everything is to be looked at.
  std::atomic_ref{place.evtchn_pending_sel}.store(~std::uint64_t{0});
  mark_events_pending(*this, vcpu);
  return 0;
}

// The address is the guest's own and is only looked at when Xen writes there.
std::int64_t Domain::register_runstate(Vcpu_id vcpu, std::uint64_t argument) {
  abi::Vcpu_register_runstate_memory_area wanted;
  if (!copy_from_guest(&wanted, argument, sizeof wanted)) {
    return refusal(Errno::efault);
  }
  const Lock_guard guard{lock_, turns()};
  Vcpu_state& state = vcpus_[vcpu.value()];
  state.runstate_area = wanted.addr.address();
  abi::Vcpu_runstate_info now;
  now.state = state.down.load(std::memory_order_relaxed) ? abi::Runstate::offline : abi::Runstate::running;
  now.state_entry_time = xen_.processor().now();
  static_cast<void>(copy_to_guest(state.runstate_area, &now, sizeof now));
  return 0;
}

// [xen] common/sched/core.c, do_sched_op.
std::int64_t Domain::sched_op(Vcpu_id self, std::uint64_t operation, std::uint64_t argument) {
  switch (static_cast<abi::Sched_op>(static_cast<std::uint32_t>(operation))) {
    case abi::Sched_op::yield:
      turns().step(nullptr);
      return 0;
    case abi::Sched_op::block:
      xen_.processor().wait_for_interrupt();
      return 0;
    case abi::Sched_op::shutdown: {
      abi::Sched_shutdown wanted{};
      if (!copy_from_guest(&wanted, argument, sizeof wanted)) {
        return refusal(Errno::efault);
      }
      shut_down(static_cast<std::uint32_t>(wanted.reason));
      return 0;
    }
    case abi::Sched_op::poll:
      return poll(self, argument);
    case abi::Sched_op::remote_shutdown: {
      abi::Sched_remote_shutdown wanted{.domain_id = id_, .reason = {}};
      if (!copy_from_guest(&wanted, argument, sizeof wanted)) {
        return refusal(Errno::efault);
      }
      return refusal(xen_.find(wanted.domain_id) == nullptr ? Errno::esrch : Errno::eperm);
    }
    case abi::Sched_op::watchdog:
      return watchdog(argument);
    case abi::Sched_op::pin_override:
      return refusal(Errno::eperm);
    default:
      return refusal(Errno::enosys);
  }
}

// [xen] common/sched/core.c, do_poll.
std::int64_t Domain::poll(Vcpu_id self, std::uint64_t argument) {
  abi::Sched_poll wanted;
  if (!copy_from_guest(&wanted, argument, sizeof wanted)) {
    return refusal(Errno::efault);
  }
  if (wanted.nr_ports > abi::sched_poll_max_ports) {
    return refusal(Errno::einval);
  }
  std::vector<Port> ports(wanted.nr_ports, Port{0});
  if (!ports.empty() && !copy_from_guest(ports.data(), wanted.ports.address(), ports.size() * sizeof(Port))) {
    return refusal(Errno::efault);
  }
  // One after the other: what stands behind a port that is pending is not looked at.
  for (const Port port : ports) {
    if (!events_->is_usable(port)) {
      return refusal(Errno::einval);
    }
    if (events_->is_pending(port)) {
      return 0;
    }
  }
  const std::atomic_ref upcall{vcpu_info(self).evtchn_upcall_pending};
  turns().wait([&] {
    for (const Port port : ports) {
      if (events_->is_pending(port)) {
        return true;
      }
    }
    return upcall.load() != 0 || shut_down() || (wanted.timeout != 0 && wanted.timeout <= xen_.processor().now());
  });
  return 0;
}

// [xen] common/sched/core.c, domain_watchdog. Two of them, numbered from 1.
std::int64_t Domain::watchdog(std::uint64_t argument) {
  abi::Sched_watchdog wanted;
  if (!copy_from_guest(&wanted, argument, sizeof wanted)) {
    return refusal(Errno::efault);
  }
  if (wanted.id > watchdogs_.size()) {
    return refusal(Errno::einval);
  }
  const Lock_guard guard{lock_, turns()};
  if (wanted.id != 0) {
    bool& watchdog = watchdogs_[wanted.id - 1];
    if (!watchdog) {
      return refusal(Errno::einval);
    }
    watchdog = wanted.timeout != 0;
    return 0;
  }
  for (std::size_t index = 0; index < watchdogs_.size(); ++index) {
    if (!watchdogs_[index]) {
      watchdogs_[index] = true;
      // No refusal: it is set for no time at all, and bites.
      if (wanted.timeout == 0) {
        shut_down(static_cast<std::uint32_t>(abi::Shutdown_reason::watchdog));
      }
      return static_cast<std::int64_t>(index) + 1;
    }
  }
  // An unsigned int on its way to a long: to a caller of 64 bits this is no error.
  return static_cast<std::uint32_t>(refusal(Errno::enospc));
}

}  // namespace enlighten::model
