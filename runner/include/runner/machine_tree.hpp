// SPDX-License-Identifier: MIT
// The device tree Xen boots from: the machine's own, with Xen's command line and the domains to create.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <runner/device_tree.hpp>
#include <runner/machine.hpp>

namespace enlighten::runner {

// Adds Xen's command line to the tree of QEMU's virt machine: what every boot here has, and `more_arguments`.
void describe_xen(Device_tree& tree, std::string_view more_arguments);

// Adds what Xen needs to create `domain` from an image ([xen] docs/misc/arm/device-tree/booting.txt). `index`
// counts from 0; Xen numbers the domains from 1 in the order of their nodes, so the last one is added first.
void describe_domain(Device_tree& tree, std::size_t index, const Domain& domain, const Module& image);

// Adds event channels between domains that are described already.
void describe_channels(Device_tree& tree, std::span<const Event_channel> channels);

}  // namespace enlighten::runner
