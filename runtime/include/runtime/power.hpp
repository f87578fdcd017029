// SPDX-License-Identifier: MIT
// How a guest ends: switched off, restarted, or crashed, with a last line that says how it went.
#pragma once

#include <cstdint>
#include <string_view>

#include <report/verdict.hpp>

namespace enlighten::runtime {

// Writes the `end` record and switches the domain (or the machine, without Xen) off. `code` is the program's own.
[[noreturn]] void finish(report::Verdict verdict, std::int64_t code, std::string_view reason) noexcept;

// SHUTDOWN_poweroff and _reboot, by PSCI's SYSTEM_OFF and SYSTEM_RESET without Xen, for a program that ends as it
// should. Every vCPU stops.
[[noreturn]] void power_off() noexcept;
[[noreturn]] void reboot() noexcept;

// SHUTDOWN_crash, or SYSTEM_OFF, without a word: panic() has said it all.
[[noreturn]] void crash() noexcept;

}  // namespace enlighten::runtime
