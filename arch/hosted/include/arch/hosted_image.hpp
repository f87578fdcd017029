// SPDX-License-Identifier: MIT
// Into an image that is linked into a program of the host's, for whoever plays the machine it boots on.
#pragma once

#include <cstdint>

namespace enlighten::arch::hosted {

// Where the boot CPU begins; its argument is the address of the device tree.
[[nodiscard]] std::uint64_t image_entry() noexcept;

// By a thread or fiber that has its machine installed: runs the image's code at `entry`, image_entry() or what
// CPU_ON named. Comes back only with the end of the run, if ever.
void enter_image(std::uint64_t entry, std::uint64_t first_argument);

}  // namespace enlighten::arch::hosted
