// SPDX-License-Identifier: MIT
// Sleeps on every vCPU at once, and tells the time of day where it is known.
#include <atomic>

#include <runtime/log.hpp>
#include <runtime/program.hpp>

using namespace enlighten;
using runtime::Guest;
using std::chrono::operator""ms;

namespace {

struct Counts {
  std::atomic<unsigned> ticks{0};
  std::atomic<unsigned> early{0};
  std::atomic<unsigned> finished{0};
};

// Ten ticks on `vcpu`, each from the one before and not from when it was noticed: so that delays do not add up.
runtime::Task<> tick(runtime::Vcpu& vcpu, runtime::Duration period, Counts& counts) {
  co_await vcpu.here();
  runtime::Instant next = runtime::Clock::now();
  for (int count = 0; count < 10; ++count) {
    next += period;
    co_await vcpu.executor().sleep_until(next);
    counts.ticks.fetch_add(1, std::memory_order_relaxed);
    if (runtime::Clock::now() < next) {
      counts.early.fetch_add(1, std::memory_order_relaxed);
    }
  }
  runtime::log("10 ticks, ", period / 1ms, " ms apart");
  counts.finished.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return 1;
  }
  runtime::log("a count of the virtual counter is 1/", runtime::counter_hertz(), " s");
  if (const auto now = guest.wall_clock(); now) {
    runtime::log("it is ", std::chrono::floor<std::chrono::seconds>(*now).count(), " s after 1970 began");
  } else {
    runtime::log("the time of day is not known here");
  }

  runtime::Executor& executor = runtime::this_vcpu().executor();
  Counts counts;
  for (std::uint32_t index = 0; index < guest.cpus(); ++index) {
    executor.spawn(tick(guest.vcpu(Cpu{index}), (index + 1) * 2ms, counts));
  }
  while (counts.finished.load(std::memory_order_relaxed) < guest.cpus()) {
    co_await executor.sleep_for(1ms);
  }
  const unsigned early = counts.early.load(std::memory_order_relaxed);
  runtime::print("ticks=%u early=%u", counts.ticks.load(std::memory_order_relaxed), early);
  co_return early == 0 ? 0 : 1;
}
