// SPDX-License-Identifier: MIT
// The first program of dom0, a shell script: toolstack/dom0_init.sh.
#pragma once

#include <string_view>

namespace enlighten::runner {

extern const std::string_view dom0_init;

}  // namespace enlighten::runner
