// SPDX-License-Identifier: MIT
// The parts of this test, and how they wait for each other.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <report/ktap.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

#include "../support/case.hpp"

namespace timers {

using namespace enlighten;

struct Test {
  runtime::Guest& guest;
  report::Ktap& ktap;
};

// Until `count` has reached `expected`, or has not for a long time; says which. Sleeps meanwhile.
runtime::Task<bool> wait_for(const std::atomic<std::uint32_t>& count, std::uint32_t expected) noexcept;

runtime::Task<> order(Test& test);
runtime::Task<> sleeps(Test& test);
runtime::Task<> nearer_deadline(Test& test);
runtime::Task<> past(Test& test);
runtime::Task<> clock(Test& test);
void wall_clock(Test& test);

runtime::Task<> posts_to_sleeping(Test& test);
runtime::Task<> posts_to_busy(Test& test);
runtime::Task<> hops(Test& test);
runtime::Task<> turns(Test& test);
runtime::Task<> spawns(Test& test);
runtime::Task<> chain(Test& test);

}  // namespace timers
