// SPDX-License-Identifier: MIT
// What Xen knows of a vCPU.
#pragma once

#include <atomic>
#include <cstdint>

#include <abi/vcpu_info.hpp>

namespace enlighten::model {

struct Vcpu_state {
  // Off, or never turned on: interrupts for it are dropped.
  std::atomic<bool> down{true};
  // The upcall interrupt as the vGIC has it: raised on an edge, taken by whoever acknowledges it.
  std::atomic<bool> upcall_pending{false};
  std::atomic<abi::Vcpu_info*> info{nullptr};  // null: not registered
  std::uint64_t runstate_area = 0;
};

}  // namespace enlighten::model
