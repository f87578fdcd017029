// SPDX-License-Identifier: MIT
// The subjects, each in the file of its name.
#pragma once

#include <conformance/bench.hpp>

namespace enlighten::conformance {

extern const Subject version_subject;
extern const Subject hypercalls_subject;
extern const Subject firmware_subject;
extern const Subject schedule_subject;
extern const Subject parameters_subject;
extern const Subject ports_subject;
extern const Subject port_bindings_subject;
extern const Subject port_loops_subject;
extern const Subject two_level_subject;
extern const Subject interrupts_subject;
extern const Subject vcpu_subject;
extern const Subject fifo_setup_subject;
extern const Subject fifo_subject;
extern const Subject fifo_queues_subject;
extern const Subject grant_table_subject;
extern const Subject grants_subject;
extern const Subject grant_copies_subject;
extern const Subject physmap_subject;
extern const Subject memory_subject;
extern const Subject fifo_takeover_subject;

}  // namespace enlighten::conformance
