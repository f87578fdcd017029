// SPDX-License-Identifier: MIT
// From what was asked for on the command line to a boot that can be started.
#pragma once

#include <string>

#include <runner/boot.hpp>
#include <runner/options.hpp>

namespace enlighten::runner {

// Finds and checks everything a boot needs: builds the example, fetches Xen, and refuses what cannot be.
[[nodiscard]] Boot plan_boot(const Run_options& options);

// "smp with 4 vCPUs on Xen 4.17 (...)"
[[nodiscard]] std::string summary(const Boot& boot);

// What to type to debug a boot that waits for a debugger.
[[nodiscard]] std::string debugger_command(const Boot& boot, const Debugger& debugger);

}  // namespace enlighten::runner
