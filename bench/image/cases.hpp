// SPDX-License-Identifier: MIT
// What is measured: each case puts marks around as many repetitions as it says.
#pragma once

#include <cstdint>

#include <base/result.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

namespace enlighten::bench {

inline constexpr std::uint32_t rounds = 1000;
// Before the marks: so that all is where it stays, and QEMU has translated it.
inline constexpr std::uint32_t rounds_before = 16;

// An event to the own vCPU, and back to who waits for it, with `ports` bound.
[[nodiscard]] runtime::Task<Result<>> own_event(runtime::Guest& guest, std::uint32_t ports, const char* name);

// `ports` events raised before the first is looked at: what each of them costs.
[[nodiscard]] runtime::Task<Result<>> storm(runtime::Guest& guest, std::uint32_t ports, const char* name);

// What is executed between an event of priority 0 and its handler with 500 of priority 15 in front of it.
[[nodiscard]] runtime::Task<Result<>> overtaking(runtime::Guest& guest);

// One port masked, unmasked, and sent to while masked.
[[nodiscard]] runtime::Task<Result<>> operations(runtime::Guest& guest);

// There and back between two vCPUs, by events and by posted work.
[[nodiscard]] runtime::Task<Result<>> ping_pong(runtime::Guest& guest);
[[nodiscard]] runtime::Task<Result<>> posting(runtime::Guest& guest);

// Every vCPU to every other, each answered: what one exchange costs.
[[nodiscard]] runtime::Task<Result<>> all_to_all(runtime::Guest& guest);

// How many nanoseconds after its deadline a sleeper is awake.
[[nodiscard]] runtime::Task<Result<>> timers(runtime::Guest& guest);

}  // namespace enlighten::bench
