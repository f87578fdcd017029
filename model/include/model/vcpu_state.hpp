// SPDX-License-Identifier: MIT
// What Xen knows of a vCPU.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include <abi/vcpu_info.hpp>

namespace enlighten::model {

struct Vcpu_state {
  // Off, or never turned on: interrupts for it are dropped.
  std::atomic<bool> down{true};
  // The upcall interrupt as the vGIC has it: raised on an edge, taken by whoever acknowledges it.
  std::atomic<bool> upcall_pending{false};
  // When an upcall that is on its way arrives.
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();
  std::atomic<std::uint64_t> upcall_arrives{never};
  // When it called CPU_OFF last.
  std::atomic<std::uint64_t> off_since{never};
  std::atomic<abi::Vcpu_info*> info{nullptr};  // null: not registered
  std::uint64_t runstate_area = 0;
};

}  // namespace enlighten::model
