// SPDX-License-Identifier: MIT
// What Xen tells one vCPU: struct vcpu_info ([xen] xen.h), laid out as C lays it out on Arm.
#pragma once

#include <cstddef>
#include <cstdint>

namespace enlighten::abi {

// Never updated on Arm: time comes from the architected timer ([xen] xen.h, vcpu_time_info).
struct Vcpu_time_info {
  std::uint32_t version = 0;
  std::uint32_t pad0 = 0;
  std::uint64_t tsc_timestamp = 0;
  std::uint64_t system_time = 0;
  std::uint32_t tsc_to_system_mul = 0;
  std::int8_t tsc_shift = 0;
  std::uint8_t flags = 0;
  std::uint8_t pad1[2] = {};
};
static_assert(sizeof(Vcpu_time_info) == 32);
static_assert(offsetof(Vcpu_time_info, tsc_to_system_mul) == 24);

// Xen's header has an empty struct between selector and time: no bytes in GNU C, one (and seven of padding) in C++.
struct Vcpu_info {
  std::uint8_t evtchn_upcall_pending = 0;
  std::uint8_t pad0 = 0;
  std::uint64_t evtchn_pending_sel = 0;
  Vcpu_time_info time;
};
static_assert(sizeof(Vcpu_info) == 48);
static_assert(alignof(Vcpu_info) == 8);
static_assert(offsetof(Vcpu_info, evtchn_upcall_pending) == 0);
static_assert(offsetof(Vcpu_info, evtchn_pending_sel) == 8);
static_assert(offsetof(Vcpu_info, time) == 16);

}  // namespace enlighten::abi
