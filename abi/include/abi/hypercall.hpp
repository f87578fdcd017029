// SPDX-License-Identifier: MIT
// The numbers of Xen's hypercalls on Arm, __HYPERVISOR_*, and how one is made ([xen] xen.h, arch-arm.h).
#pragma once

#include <cstdint>

namespace enlighten::abi {

// The immediate of HVC; 0 there means SMCCC, anything else is an undefined instruction ([xen] arch-arm.h).
inline constexpr std::uint32_t hypercall_tag = 0xea1;

enum class Hypercall : std::uint32_t {
  platform_op = 7,
  memory_op = 12,
  multicall = 13,
  set_timer_op = 15,  // -ENOSYS on Arm
  xen_version = 17,
  console_io = 18,
  grant_table_op = 20,
  vm_assist = 21,
  vcpu_op = 24,
  xsm_op = 27,
  sched_op = 29,
  event_channel_op = 32,
  physdev_op = 33,
  hvm_op = 34,
  sysctl = 35,
  domctl = 36,
  kexec_op = 37,   // -ENOSYS on Arm
  argo_op = 39,    // -ENOSYS unless Xen was built and started with it
  xenpmu_op = 40,  // -ENOSYS on Arm
  dm_op = 41,      // -ENOSYS unless Xen was built with IOREQ servers
  hypfs_op = 42,
};

}  // namespace enlighten::abi
