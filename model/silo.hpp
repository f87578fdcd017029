// SPDX-License-Identifier: MIT
// XSM SILO, the default on Arm: which domains have nothing to do with each other.
#pragma once

#include <model/domain_view.hpp>

namespace enlighten::model {

// The one that may talk to all and act on others; also who handles the machine's own virtual interrupts.
inline constexpr Domain_id control_domain{0};

[[nodiscard]] inline bool kept_apart(const Domain_view& machine, Domain_id one, Domain_id other) {
  return machine.silo() && one != other && one != control_domain && other != control_domain;
}

}  // namespace enlighten::model
