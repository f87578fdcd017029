// SPDX-License-Identifier: MIT
// Tracing of the whole guest: rings at boot, what they hold as lines at the end, and the last of it in a panic.
#pragma once

#include <coroutine>

#include <guest/trace.hpp>
#include <runtime/inbox.hpp>

namespace enlighten::runtime {

class Guest;

// The boot argument `trace=ENTRIES` gives each CPU a ring of at least so many entries (16 bytes each), from
// fewest_trace_entries to most_trace_entries. Without it nothing is recorded.
inline constexpr std::uint32_t fewest_trace_entries = 16;
inline constexpr std::uint32_t most_trace_entries = 1U << 20;
// Of each CPU, in the report of a panic.
inline constexpr unsigned trace_entries_in_panic = 32;

// As <guest/trace.hpp> says of its functions, these are not in an image that is linked with NO_TRACE.
extern "C" {
// When the CPUs have their records and before any but the boot CPU runs. Ends the guest if the argument makes no
// sense or there is no memory for the rings.
void enlighten_trace_start(Guest& guest) noexcept;

// Records no more on this CPU, and writes what all have recorded, as records (report/README.md). Once; then
// nothing.
void enlighten_trace_write() noexcept;
// The last entries of each CPU, for people, in the report of a panic.
void enlighten_trace_write_last() noexcept;

// With guest::tracing() only: that `work`, or the coroutine with this frame, runs.
void enlighten_trace_work(const Work& work) noexcept;
void enlighten_trace_coroutine(const void* frame) noexcept;
}

}  // namespace enlighten::runtime
