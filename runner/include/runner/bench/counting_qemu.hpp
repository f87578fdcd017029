// SPDX-License-Identifier: MIT
// The QEMU that counts: version 10, which Debian 12 has in its backports.
#pragma once

#include <filesystem>

namespace enlighten::runner {

// The program, from the cache, or else fetched from where this machine has its packages from. It is only unpacked
// and runs with the libraries of the QEMU that is installed.
[[nodiscard]] std::filesystem::path find_counting_qemu();

}  // namespace enlighten::runner
