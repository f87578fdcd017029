// SPDX-License-Identifier: MIT
// The device tree Xen boots from: the machine's own, with Xen's command line and the domain to create.
#pragma once

#include <cstdint>

#include <runner/device_tree.hpp>
#include <runner/machine.hpp>

namespace enlighten::runner {

// Adds to the tree of QEMU's virt machine what Xen needs to create `domain` from an image of `image_bytes` that
// lies at module_address ([xen] docs/misc/arm/device-tree/booting.txt).
void describe_domain(Device_tree& tree, const Domain& domain, std::uint64_t image_bytes);

}  // namespace enlighten::runner
