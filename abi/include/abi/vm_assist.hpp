// SPDX-License-Identifier: MIT
// Behaviour a guest can switch on: VMASST_* ([xen] xen.h).
#pragma once

#include <cstdint>

namespace enlighten::abi {

enum class Vm_assist_command : std::uint32_t {
  enable = 0,
  disable = 1,
};

enum class Vm_assist : std::uint32_t {
  runstate_update_flag = 5,  // the only one Arm knows: sets runstate_update while Xen writes a runstate area
};

}  // namespace enlighten::abi
