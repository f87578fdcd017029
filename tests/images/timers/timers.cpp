// SPDX-License-Identifier: MIT
// Time and work: sleeps, clocks, posted work, coroutines that change vCPUs.
//
// Promised: by the architecture, one counter for all CPUs and a timer that fires when the counter has reached its
// value; by Xen, that it masks a guest's virtual timer as it delivers it, so that the guest must program it anew
// each time; by the product, that a sleep never ends early, that work runs once on the vCPU it was posted to, which
// is woken for it, and that whoever yields lets all others go first. Would go wrong: a vCPU that sleeps over its
// timer or over work, a sleeper that is forgotten when another one's time comes, a stack that grows with every
// await.
#include "timers.hpp"

#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

namespace timers {

runtime::Task<bool> wait_for(const std::atomic<std::uint32_t>& count, std::uint32_t expected) noexcept {
  constexpr auto patience = std::chrono::seconds{20};
  const runtime::Instant begun = runtime::Clock::now();
  // Acquire: with the count comes what was written before it was raised (release, by all who do).
  while (count.load(std::memory_order_acquire) < expected) {
    if (runtime::Clock::now() - begun > patience) {
      co_return false;
    }
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::microseconds{200});
  }
  co_return true;
}

}  // namespace timers

enlighten::runtime::Task<int> guest_main(enlighten::runtime::Guest& guest) {
  using namespace timers;
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  report::Ktap ktap{runtime::console()};
  Test test{guest, ktap};
  co_await order(test);
  co_await sleeps(test);
  co_await nearer_deadline(test);
  co_await past(test);
  co_await clock(test);
  wall_clock(test);
  co_await posts_to_sleeping(test);
  co_await posts_to_busy(test);
  co_await hops(test);
  co_await turns(test);
  co_await spawns(test);
  co_await chain(test);
  co_return report::exit_code(ktap.finish());
}
