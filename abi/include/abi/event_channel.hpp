// SPDX-License-Identifier: MIT
// Binding, closing and asking about event channels: EVTCHNOP_* and their arguments ([xen] event_channel.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include <abi/event_fifo.hpp>
#include <abi/frame.hpp>
#include <base/ids.hpp>

namespace enlighten::abi {

enum class Event_channel_op : std::uint32_t {
  bind_interdomain = 0,
  bind_virq = 1,
  bind_pirq = 2,
  close = 3,
  send = 4,
  status = 5,
  alloc_unbound = 6,
  bind_ipi = 7,
  bind_vcpu = 8,
  unmask = 9,
  reset = 10,
  init_control = 11,
  expand_array = 12,
  set_priority = 13,
};

struct Evtchn_alloc_unbound {
  Domain_id dom;
  Domain_id remote_dom;
  Port port{0};  // out
};
static_assert(sizeof(Evtchn_alloc_unbound) == 8);
static_assert(offsetof(Evtchn_alloc_unbound, remote_dom) == 2);
static_assert(offsetof(Evtchn_alloc_unbound, port) == 4);

// The local port is always pending afterwards: the peer may have sent before there was anybody to receive.
struct Evtchn_bind_interdomain {
  Domain_id remote_dom;
  Port remote_port;
  Port local_port{0};  // out
};
static_assert(sizeof(Evtchn_bind_interdomain) == 12);
static_assert(offsetof(Evtchn_bind_interdomain, remote_port) == 4);
static_assert(offsetof(Evtchn_bind_interdomain, local_port) == 8);

struct Evtchn_bind_virq {
  Virq virq;
  Vcpu_id vcpu;
  Port port{0};  // out
};
static_assert(sizeof(Evtchn_bind_virq) == 12);
static_assert(offsetof(Evtchn_bind_virq, vcpu) == 4);
static_assert(offsetof(Evtchn_bind_virq, port) == 8);

// Refused on Arm, with an errno that depends on the version.
struct Evtchn_bind_pirq {
  std::uint32_t pirq;
  std::uint32_t flags = 0;
  Port port{0};  // out
};
static_assert(sizeof(Evtchn_bind_pirq) == 12);
static_assert(offsetof(Evtchn_bind_pirq, flags) == 4);
static_assert(offsetof(Evtchn_bind_pirq, port) == 8);

struct Evtchn_bind_ipi {
  Vcpu_id vcpu;
  Port port{0};  // out
};
static_assert(sizeof(Evtchn_bind_ipi) == 8);
static_assert(offsetof(Evtchn_bind_ipi, port) == 4);

struct Evtchn_close {
  Port port;
};
static_assert(sizeof(Evtchn_close) == 4);

struct Evtchn_send {
  Port port;
};
static_assert(sizeof(Evtchn_send) == 4);

enum class Evtchn_state : std::uint32_t {
  closed = 0,
  unbound = 1,
  interdomain = 2,
  pirq = 3,
  virq = 4,
  ipi = 5,
};

struct Evtchn_status {
  struct Interdomain {
    Domain_id dom{0};
    Port port{0};
  };

  // Which one is meant, status says.
  union Details {
    Interdomain interdomain{};
    Domain_id unbound;
    std::uint32_t pirq;
    Virq virq;
  };

  Domain_id dom;
  Port port;
  Evtchn_state status = Evtchn_state::closed;  // out, as all that follows
  Vcpu_id vcpu{0};
  Details u = {};
};
static_assert(sizeof(Evtchn_status) == 24);
static_assert(offsetof(Evtchn_status, port) == 4);
static_assert(offsetof(Evtchn_status, status) == 8);
static_assert(offsetof(Evtchn_status, vcpu) == 12);
static_assert(offsetof(Evtchn_status, u) == 16);
static_assert(sizeof(Evtchn_status::Interdomain) == 8);
static_assert(offsetof(Evtchn_status::Interdomain, port) == 4);

struct Evtchn_bind_vcpu {
  Port port;
  Vcpu_id vcpu;
};
static_assert(sizeof(Evtchn_bind_vcpu) == 8);
static_assert(offsetof(Evtchn_bind_vcpu, vcpu) == 4);

struct Evtchn_unmask {
  Port port;
};
static_assert(sizeof(Evtchn_unmask) == 4);

struct Evtchn_reset {
  Domain_id dom;
};
static_assert(sizeof(Evtchn_reset) == 2);

// Gives the vCPU its Evtchn_fifo_control_block; the domain's first successful call switches it to the FIFO ABI.
struct Evtchn_init_control {
  Gfn control_gfn;
  std::uint32_t offset;  // a multiple of 8, the block inside one page
  Vcpu_id vcpu;
  std::uint8_t link_bits = 0;  // out
  std::uint8_t pad[7] = {};
};
static_assert(sizeof(Evtchn_init_control) == 24);
static_assert(offsetof(Evtchn_init_control, offset) == 8);
static_assert(offsetof(Evtchn_init_control, vcpu) == 12);
static_assert(offsetof(Evtchn_init_control, link_bits) == 16);

// Adds a page of event words, in use as it is from then on.
struct Evtchn_expand_array {
  Gfn array_gfn;
};
static_assert(sizeof(Evtchn_expand_array) == 8);

struct Evtchn_set_priority {
  Port port;
  std::uint32_t priority;  // 0, the highest, to 15
};
static_assert(sizeof(Evtchn_set_priority) == 8);
static_assert(offsetof(Evtchn_set_priority, priority) == 4);

}  // namespace enlighten::abi
