// SPDX-License-Identifier: MIT
// The Debian packages that make a dom0: a kernel, Xen's tools of one release, and the libraries those need.
#pragma once

#include <string>
#include <vector>

#include <runner/arm64_packages.hpp>

namespace enlighten::runner {

struct Dom0_packages {
  Unpacked_package kernel;
  std::string kernel_release;           // "6.1.0-56-cloud-arm64"
  std::vector<Unpacked_package> tools;  // sorted by name
};

// From the cache, or else from Debian's package sources. `xen_release` is one of theirs, such as "4.17": tools and
// hypervisor speak an interface that changes with each release.
[[nodiscard]] Dom0_packages fetch_dom0_packages(const std::string& xen_release);

// Of the names of kernel packages the latest; empty when there is none among them.
[[nodiscard]] std::string latest_kernel(const std::vector<std::string>& names);

}  // namespace enlighten::runner
