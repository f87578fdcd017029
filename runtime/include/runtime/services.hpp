// SPDX-License-Identifier: MIT
// The little that works before there is a Guest, so that a failing start can say why and end.
#pragma once

#include <optional>

#include <arch/psci.hpp>
#include <guest/hypercalls.hpp>

namespace enlighten::runtime {

struct Services {
  guest::Hypercalls xen{guest::Hypercalls::Presence::absent};
  std::optional<arch::Psci> psci;
};

[[nodiscard]] Services& the_services() noexcept;

}  // namespace enlighten::runtime
