// SPDX-License-Identifier: MIT
// The files that are booted: flat arm64 Images, of guests and of Xen.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace enlighten::runner {

// The header at the start of an arm64 Image ([linux] Documentation/arch/arm64/booting.rst).
struct Image_header {
  std::uint64_t text_offset = 0;  // bytes from a 2 MiB boundary to the load address
  std::uint64_t image_size = 0;   // bytes of memory the image wants from there on; 0: unknown
  std::uint64_t flags = 0;
};

struct Guest_image {
  std::filesystem::path path;
  std::uint64_t file_size = 0;
  Image_header header;
  std::optional<std::filesystem::path> symbols;  // the ELF it was made from

  // The image's name as a person would say it: the file's, without what follows the last dot.
  [[nodiscard]] std::string name() const { return path.stem().string(); }
  // Bytes of memory taken from the load address on.
  [[nodiscard]] std::uint64_t extent() const noexcept { return std::max(file_size, header.image_size); }
};

// Reads and checks a guest's image; the ELF of the same name beside it is taken for symbols.
[[nodiscard]] Guest_image open_guest_image(const std::filesystem::path& path);

// Checks that a file is a Xen hypervisor for arm64 as QEMU can start it, and returns its path.
[[nodiscard]] std::filesystem::path open_xen_image(const std::filesystem::path& path);

}  // namespace enlighten::runner
