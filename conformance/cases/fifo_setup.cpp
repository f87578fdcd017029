// SPDX-License-Identifier: MIT
// From 2-level to FIFO and back: control blocks, pages of event words, EVTCHNOP_reset.
#include <conformance/fifo.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;

// The last place in a page where a control block fits.
constexpr std::uint32_t last_offset = abi::page_size - sizeof(abi::Evtchn_fifo_control_block);

void refusals(Bench& bench) {
  const abi::Gfn frame = frame_of(bench.page());
  bench.check("vCPU 99", init_control(no_vcpu, frame, 0), -Errno::enoent);
  bench.check("vCPU 99, misplaced as well", init_control(no_vcpu, frame, 4), -Errno::enoent);
  bench.check("offset 4", init_control(self, frame, 4), -Errno::einval);
  bench.check("offset 4028", init_control(self, frame, last_offset + 4), -Errno::einval);
  bench.check("offset 4032", init_control(self, frame, last_offset + 8), -Errno::einval);
  bench.check("offset 4096", init_control(self, frame, abi::page_size), -Errno::einval);
  bench.check("offset 0xfffffff8", init_control(self, frame, 0xffff'fff8), -Errno::einval);
  bench.check("a hole", init_control(self, bench.hole(), 0), -Errno::einval);
  bench.check("frame ~0", init_control(self, abi::no_frame, 0), -Errno::einval);
}

void still_two_level(Bench& bench) {
  const Port port = bound(bench, "bind_ipi", bind_ipi(self));
  bench.check("init_control in a hole", init_control(self, bench.hole(), 0), -Errno::einval);
  bench.check("expand_array", expand_array(frame_of(bench.page())), -Errno::eopnotsupp);
  bench.check("set_priority", set_priority(port, 3), -Errno::enosys);
  bench.check("send", send(port), 0);
  bench.check_that("pending in shared_info", is_pending(bench, port));
}

void taken_once(Bench& bench) {
  const abi::Gfn frame = frame_of(bench.page());
  abi::Evtchn_init_control argument{.control_gfn = frame, .offset = last_offset, .vcpu = self};
  bench.check("offset 4024", event_channel(abi::Event_channel_op::init_control, argument), 0);
  bench.check("link bits", argument.link_bits, 17);
  bench.check("the same again", init_control(self, frame, last_offset), -Errno::einval);
  bench.check("elsewhere", init_control(self, frame_of(bench.page()), 0), -Errno::einval);
  bench.check("misplaced", init_control(self, frame, 4), -Errno::einval);
}

void refused_without_link_bits(Bench& bench) {
  abi::Evtchn_init_control argument{.control_gfn = bench.hole(), .offset = 0, .vcpu = self, .link_bits = 99};
  bench.check("in a hole", event_channel(abi::Event_channel_op::init_control, argument), -Errno::einval);
  bench.check("link bits", argument.link_bits, 99);
}

void any_vcpu_first(Bench& bench) {
  const abi::Gfn frame = frame_of(bench.page());
  bench.check("vCPU 2, which is off", init_control(Vcpu_id{2}, frame, 0), 0);
  bench.check("expand_array", expand_array(frame_of(bench.page())), 0);
  bench.check("vCPU 0, in the same page", init_control(self, frame, sizeof(abi::Evtchn_fifo_control_block)), 0);
  bench.check("vCPU 1, in the same page",
              init_control(Vcpu_id{1}, frame, 2 * sizeof(abi::Evtchn_fifo_control_block)), 0);
  bench.check("vCPU 2 again", init_control(Vcpu_id{2}, frame, 1024), -Errno::einval);
}

void array(Bench& bench) {
  bench.check("init_control", init_control(self, frame_of(bench.page()), 0), 0);
  bench.check("a hole", expand_array(bench.hole()), -Errno::einval);
  bench.check("frame ~0", expand_array(abi::no_frame), -Errno::einval);
  std::int64_t pages = 0;
  for (std::uint32_t page = 0; page < abi::fifo_max_pages; ++page) {
    pages += expand_array(frame_of(bench.page())) == 0 ? 1 : 0;
  }
  bench.check("pages", pages, 128);
  bench.check("the 129th", expand_array(frame_of(bench.page())), -Errno::enospc);
  bench.check("a hole as the 129th", expand_array(bench.hole()), -Errno::enospc);
}

void back(Bench& bench) {
  const abi::Gfn frame = frame_of(bench.page());
  bench.check("init_control", init_control(self, frame, 0), 0);
  bench.check("expand_array", expand_array(frame_of(bench.page())), 0);
  const Port before = bound(bench, "bind_ipi", bind_ipi(self));
  bench.check("reset", reset(), 0);
  bench.check("the port is", state_of(before), number(abi::Evtchn_state::closed));
  bench.check("expand_array", expand_array(frame_of(bench.page())), -Errno::eopnotsupp);
  const Port port = bound(bench, "bind_ipi", bind_ipi(self));
  bench.check("set_priority", set_priority(port, 3), -Errno::enosys);
  bench.check("send", send(port), 0);
  bench.check_that("pending in shared_info", is_pending(bench, port));
  // Xen would remember a pending event, beyond this case.
  clear_pending(bench, port);
  bench.check("init_control", init_control(self, frame, 0), 0);
}

void zeroed_by_nobody(Bench& bench) {
  auto& block = *bench.page<abi::Evtchn_fifo_control_block>();
  block.rsvd = 0x12345678;
  bench.check("init_control", init_control(self, frame_of(&block), 0), 0);
  bench.check_bits("the reserved word", get(block.rsvd), 0x12345678);
}

constexpr Case cases[] = {
    {"a control block is for a vCPU that exists, at a multiple of 8, within a page of RAM",
     "EVTCHNOP_init_control: ENOENT for the vCPU, then EINVAL for the place ([xen] event_channel.h, event_fifo.c)",
     refusals},
    {"a first control block that is refused leaves the domain at 2-level",
     "The first successful init_control changes the ABI ([xen] event_fifo.c)", still_two_level},
    {"a vCPU takes one control block, and is told 17 link bits",
     "EVTCHNOP_init_control: EINVAL if the vCPU has one; link_bits is the width of LINK ([xen] event_channel.h)",
     taken_once},
    {"a refusal writes nothing back", "link_bits is an output of success ([xen] event_channel.c)",
     refused_without_link_bits},
    {"any vCPU can be the first, on or off, and blocks may share a page",
     "The control block may be at any offset of any page ([xen] event_channel.h)", any_vcpu_first},
    {"the array has 128 pages, then ENOSPC",
     "2^17 ports are 128 pages of 1024 words; EVTCHNOP_expand_array ([xen] event_channel.h)", array},
    {"a reset brings the domain back to 2-level, and FIFO can be had again",
     "EVTCHNOP_reset: the FIFO ABI is given up if it was in use ([xen] event_channel.h)", back},
    {"a control block is used as it is", "Xen does not write what it has no reason to ([xen] event_fifo.c)",
     zeroed_by_nobody},
};

}  // namespace

constinit const Subject fifo_setup_subject{"fifo_setup", cases};

}  // namespace enlighten::conformance
