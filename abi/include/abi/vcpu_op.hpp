// SPDX-License-Identifier: MIT
// What a domain may do with one of its vCPUs: VCPUOP_* ([xen] vcpu.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include <abi/frame.hpp>
#include <abi/guest_handle.hpp>

namespace enlighten::abi {

// vcpu_op(op, vcpu, argument). Arm accepts the two register_ operations and refuses every other with EINVAL.
enum class Vcpu_op : std::uint32_t {
  initialise = 0,
  up = 1,
  down = 2,
  is_up = 3,
  get_runstate_info = 4,
  register_runstate_memory_area = 5,
  register_vcpu_info = 10,
};

// VCPUOP_register_vcpu_info: where this vCPU's Vcpu_info lives from now on. Once only; there is no way back.
struct Vcpu_register_vcpu_info {
  Gfn mfn;               // a guest frame, whatever Xen calls it
  std::uint32_t offset;  // a multiple of 8, the structure inside one page
  std::uint32_t rsvd = 0;
};
static_assert(sizeof(Vcpu_register_vcpu_info) == 16);
static_assert(offsetof(Vcpu_register_vcpu_info, offset) == 8);

enum class Runstate : std::int32_t {
  running = 0,
  runnable = 1,
  blocked = 2,
  offline = 3,
};

// Set in state_entry_time while Xen is writing, if Vm_assist::runstate_update_flag is on.
inline constexpr std::uint64_t runstate_update = std::uint64_t{1} << 63;

// Nanoseconds of Xen's system time.
struct Vcpu_runstate_info {
  Runstate state = Runstate::running;
  std::uint64_t state_entry_time = 0;
  std::uint64_t time[4] = {};  // by Runstate
};
static_assert(sizeof(Vcpu_runstate_info) == 48);
static_assert(offsetof(Vcpu_runstate_info, state_entry_time) == 8);
static_assert(offsetof(Vcpu_runstate_info, time) == 16);

// A virtual address, which Xen writes through at every switch to this vCPU, by whatever page tables are live then.
struct Vcpu_register_runstate_memory_area {
  Guest_handle<Vcpu_runstate_info> addr;
};
static_assert(sizeof(Vcpu_register_runstate_memory_area) == 8);

}  // namespace enlighten::abi
