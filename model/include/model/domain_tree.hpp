// SPDX-License-Identifier: MIT
// The device tree that Xen describes a domain by to itself.
#pragma once

#include <cstdint>
#include <string_view>

#include <model/domain.hpp>

namespace enlighten::model {

// Builds the tree of a domain that Xen creates at boot, without a toolstack and with a hypervisor node ([xen]
// arm/domain_build.c), and puts it where Xen does: high in the domain's RAM. Returns its address. The domain has an
// interrupt controller and at least 4 MiB.
[[nodiscard]] std::uint64_t place_tree(Domain& domain, std::string_view boot_arguments);

}  // namespace enlighten::model
