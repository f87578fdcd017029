// SPDX-License-Identifier: MIT
// What Xen refuses whatever the port, the two operations of the FIFO ABI's memory, and the end of all ports.
#include <guest/page_source.hpp>

#include "../support/case.hpp"
#include "event_ops.hpp"

namespace event_ops {

using abi::Event_channel_op;
using abi::Evtchn_state;
using test::Case;

void refusals(Test& test) {
  Case result{test.ktap,
              "ports, vCPUs, domains and operations that are not there are refused, each with its number"};
  const Guest& guest = test.guest;
  auto gone = test.guest.events().bind_ipi(test.ready(0), nullptr);
  if (!result.works(gone, "bind_ipi")) {
    return;
  }
  const Port free = gone->port();
  result.works(gone->close(), "close");

  constexpr Vcpu_id first{0};
  result.refused(raw(guest, Event_channel_op::bind_ipi, abi::Evtchn_bind_ipi{.vcpu = no_vcpu}), abi::Errno::enoent,
                 "an IPI to vCPU 99");
  for (const Port port : {Port{0}, free, no_port}) {
    result.refused(raw(guest, Event_channel_op::close, abi::Evtchn_close{port}), abi::Errno::einval, "close");
    result.refused(raw(guest, Event_channel_op::send, abi::Evtchn_send{port}), abi::Errno::einval, "send");
    result.refused(raw(guest, Event_channel_op::bind_vcpu, abi::Evtchn_bind_vcpu{.port = port, .vcpu = first}),
                   abi::Errno::einval, "bind_vcpu");
    result.refused(raw(guest, Event_channel_op::bind_vcpu, abi::Evtchn_bind_vcpu{.port = port, .vcpu = no_vcpu}),
                   abi::Errno::enoent, "bind_vcpu to vCPU 99, which is looked at first");
  }
  for (const Port port : {Port{0}, free}) {
    result.works(raw(guest, Event_channel_op::unmask, abi::Evtchn_unmask{port}),
                 "unmask of a port that is not bound");
    const auto status = status_of(guest, port);
    result.expect(status && status->status == Evtchn_state::closed, "the status is closed");
  }
  result.refused(raw(guest, Event_channel_op::unmask, abi::Evtchn_unmask{no_port}), abi::Errno::einval,
                 "unmask of port 5000");
  result.refused(status_of(guest, no_port), abi::Errno::einval, "status of port 5000");
  result.refused(status_of(guest, Port{0}, no_domain), abi::Errno::esrch, "status in a domain that is not there");

  result.refused(raw(guest, Event_channel_op::bind_pirq, abi::Evtchn_bind_pirq{.pirq = 0}),
                 test.xen_from(4, 19) ? abi::Errno::eopnotsupp : abi::Errno::enomem, "bind_pirq");

  const auto call = [&](std::uint64_t operation, std::uint64_t argument) {
    return guest.xen().call(guest::Call::event_other, "EVTCHNOP", abi::Hypercall::event_channel_op, operation,
                            argument);
  };
  abi::Evtchn_reset argument{abi::domain_self};
  const auto somewhere = reinterpret_cast<std::uintptr_t>(&argument);
  constexpr std::uint64_t nowhere = 0x10;
  // 14 is Xen's own, the continuation of a reset.
  result.refused(call(14, somewhere), abi::Errno::ebusy, "operation 14");
  result.refused(call(15, somewhere), abi::Errno::enosys, "operation 15");
  result.refused(call(99, somewhere), abi::Errno::enosys, "operation 99");
  result.refused(call(static_cast<std::uint64_t>(Event_channel_op::send), nowhere), abi::Errno::efault,
                 "an argument at an address that is not mapped");
}

void control_blocks(Test& test) {
  Case result{test.ktap, "control blocks are taken once, and only where they fit"};
  void* const page = test.guest.page();
  if (!result.expect(page != nullptr, "there is a page")) {
    return;
  }
  const auto init = [&](Vcpu_id vcpu, std::uint32_t offset, abi::Gfn frame) {
    return raw(test.guest, Event_channel_op::init_control,
               abi::Evtchn_init_control{.control_gfn = frame, .offset = offset, .vcpu = vcpu});
  };
  const abi::Gfn frame = guest::gfn_of_object(page);
  constexpr std::uint32_t last_offset = abi::page_size - sizeof(abi::Evtchn_fifo_control_block);
  const Vcpu_id own = test.ready(0).vcpu();
  result.refused(init(no_vcpu, 0, frame), abi::Errno::enoent, "for vCPU 99");
  result.refused(init(own, 4, frame), abi::Errno::einval, "at an offset that is not a multiple of 8");
  result.refused(init(own, last_offset + 8, frame), abi::Errno::einval, "across the end of the page");
  result.refused(init(own, 0, abi::Gfn{0}), abi::Errno::einval, "in a frame that is not there");
  if (test.fifo()) {
    result.refused(init(own, 0, frame), abi::Errno::einval, "a second one");
  } else {
    // A failed first call leaves the domain at 2-level.
    result.refused(raw(test.guest, Event_channel_op::expand_array, abi::Evtchn_expand_array{frame}),
                   abi::Errno::eopnotsupp, "an array at 2-level");
  }
}

void reset(Test& test) {
  Case result{test.ktap, "a reset closes every port, ends FIFO, and leaves no port object dangerous"};
  result.refused(raw(test.guest, Event_channel_op::reset, abi::Evtchn_reset{no_domain}), abi::Errno::esrch,
                 "of a domain that is not there");
  auto ipi = test.guest.events().bind_ipi(test.ready(0), nullptr);
  auto unbound = test.guest.events().alloc_unbound(abi::domain_self, test.ready(0), nullptr);
  if (!result.works(ipi, "bind_ipi") || !result.works(unbound, "alloc_unbound")) {
    return;
  }
  for (std::uint32_t cpu = 1; cpu < test.guest.cpus(); ++cpu) {
    result.works(test.guest.stop(Cpu{cpu}), "turning the others off");
  }
  if (!result.works(test.guest.events().reset(), "reset")) {
    return;
  }
  for (const Port port : {Port{1}, ipi->port(), unbound->port()}) {
    const auto status = status_of(test.guest, port);
    result.expect(!status || status->status == Evtchn_state::closed, "every port is closed");
  }
  result.expect(!ipi->send() && !ipi->unmask() && !ipi->is_pending(), "nothing works on a port that was bound");
  result.works(ipi->close(), "closing it is no error");
  const abi::Gfn frame = guest::gfn_of_object(test.guest.page());
  result.refused(raw(test.guest, Event_channel_op::expand_array, abi::Evtchn_expand_array{frame}),
                 abi::Errno::eopnotsupp, "an array: the domain is at 2-level");
  result.refused(raw(test.guest, Event_channel_op::set_priority, abi::Evtchn_set_priority{Port{1}, 3}),
                 abi::Errno::enosys, "priorities: the domain is at 2-level");
}

}  // namespace event_ops
