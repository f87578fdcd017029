// SPDX-License-Identifier: MIT
// The device tree that Xen describes a domain by to itself.
#pragma once

#include <cstdint>
#include <string_view>

#include <model/domain.hpp>

namespace enlighten::model {

// Whether Xen names addresses at which nothing is; `ext_regions=0` on its command line, and it does not.
enum class Extended_regions : std::uint8_t { named, none };

// Builds the tree of a domain that Xen creates at boot, without a toolstack and with a hypervisor node ([xen]
// arm/domain_build.c), and puts it where Xen does: high in the domain's RAM. Returns its address. The domain has an
// interrupt controller and at least 4 MiB.
[[nodiscard]] std::uint64_t place_tree(Domain& domain, std::string_view boot_arguments,
                                       Extended_regions regions = Extended_regions::named);

}  // namespace enlighten::model
