// SPDX-License-Identifier: MIT
// Which subjects there are, in the order in which they run.
#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

constexpr const Subject* all[] = {
    &version_subject,
    &hypercalls_subject,
    &parameters_subject,
    &schedule_subject,
    &ports_subject,
    &port_bindings_subject,
    &port_loops_subject,
    &two_level_subject,
    &interrupts_subject,
    &fifo_setup_subject,
    &fifo_subject,
    &fifo_queues_subject,
    &grant_table_subject,
    &grants_subject,
    &grant_copies_subject,
    &physmap_subject,
    &memory_subject,
    // Both leave behind what nothing but the end of the domain undoes: registered structures, and events that Xen
    // raises once more whenever there is a new array.
    &vcpu_subject,
    &firmware_subject,
    &fifo_takeover_subject,
};

}  // namespace

std::span<const Subject* const> subjects() noexcept {
  return all;
}

}  // namespace enlighten::conformance
