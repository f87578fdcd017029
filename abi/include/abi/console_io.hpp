// SPDX-License-Identifier: MIT
// Xen's own console: console_io(command, count, buffer), CONSOLEIO_* ([xen] xen.h).
#pragma once

#include <cstdint>

namespace enlighten::abi {

enum class Console_io : std::uint32_t {
  write = 0,
  read = 1,
};

}  // namespace enlighten::abi
