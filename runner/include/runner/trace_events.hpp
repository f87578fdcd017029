// SPDX-License-Identifier: MIT
// What guests have traced, as events that Perfetto and Chrome draw: a track for each vCPU.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <nlohmann/json_fwd.hpp>
#include <report_host/trace_parser.hpp>

namespace enlighten::runner {

struct Traced_guest {
  std::string name;
  report::Guest_trace trace;
  // The name of the code at an offset in the image; empty if it has none.
  std::function<std::string(std::uint32_t offset)> place;
};

// The Trace Event Format, as JSON: guest N is process N + 1, its cpu M thread M. Microseconds since the guest's
// first entry: each guest has a time of its own.
//
// Hypercalls, deliveries, tasks, sleeps and bring-up steps are slices ("X"), interrupts instants ("i"), and arrows
// ("s", "f") lead from a send to the delivery of that port which followed, from CPU_ON to the first thing the CPU
// did, and from a wake-up to the interrupt it made. Xen merges what is sent to a port that is pending: of such
// sends the first has the arrow. A slice that began before the ring did begins with it; one that never ended, ends
// with the trace.
[[nodiscard]] nlohmann::ordered_json trace_events(std::span<const Traced_guest> guests);

}  // namespace enlighten::runner
