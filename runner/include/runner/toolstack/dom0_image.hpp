// SPDX-License-Identifier: MIT
// The first file system of dom0: Xen's tools, what they need, and our init, built once and kept in the cache.
#pragma once

#include <filesystem>
#include <string>

#include <runner/toolstack/dom0_packages.hpp>

namespace enlighten::runner {

struct Dom0_image {
  std::filesystem::path kernel;
  std::filesystem::path files;  // a cpio archive
};

// Where all that is made for dom0 is kept.
[[nodiscard]] std::filesystem::path dom0_folder();

// From the cache, or else built from `packages`; the archive is named after what it was made of.
[[nodiscard]] Dom0_image find_dom0_image(const Dom0_packages& packages);

// The archive's bytes: of the same packages the same, wherever they are unpacked.
[[nodiscard]] std::string build_dom0_files(const Dom0_packages& packages);

// "linux-6.1.0-56-cloud-arm64_xen-utils-4.17_4.17.7-..._1f2e3d4c.cpio"; the last part stands for the versions of
// all packages and for our own init.
[[nodiscard]] std::string dom0_files_name(const Dom0_packages& packages);

}  // namespace enlighten::runner
