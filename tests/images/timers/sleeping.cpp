// SPDX-License-Identifier: MIT
// Sleeps, and the clocks they are measured with.
#include <memory>

#include "timers.hpp"

namespace timers {
namespace {

using std::chrono::operator""ms;
using std::chrono::operator""us;
using runtime::Clock;
using runtime::Instant;
using test::Case;

constexpr std::uint32_t sleepers = 16;

// Of one vCPU, on which alone it is written until all have woken.
struct Wakings {
  std::uint32_t order[sleepers];
  std::uint32_t count = 0;
  std::uint32_t early = 0;
  // Who came when its deadline had passed, as they do on a machine that is slow enough, and did not sleep at all:
  // then the order says nothing.
  std::uint32_t late = 0;
};

class Noted_sleep : public runtime::Executor::Sleep {
 public:
  Noted_sleep(runtime::Executor& executor, Instant deadline, Wakings& wakings) noexcept
      : Sleep{executor, deadline}, wakings_{wakings} {}

  [[nodiscard]] bool await_ready() noexcept {
    const bool ready = Sleep::await_ready();
    wakings_.late += ready ? 1U : 0U;
    return ready;
  }

 private:
  Wakings& wakings_;
};

runtime::Task<> sleep_until(runtime::Vcpu& vcpu, Instant deadline, std::uint32_t place, Wakings& wakings,
                            std::atomic<std::uint32_t>& finished) {
  co_await vcpu.here();
  co_await Noted_sleep{vcpu.executor(), deadline, wakings};
  wakings.early += Clock::now() < deadline ? 1U : 0U;
  wakings.order[wakings.count++] = place;
  finished.fetch_add(1, std::memory_order_release);
}

[[noreturn]] void give_up() {
  runtime::panic("a sleeper that is left would write to memory that goes");
}

runtime::Task<> sleep_often(runtime::Vcpu& vcpu, std::uint32_t times, Wakings& wakings,
                            std::atomic<std::uint32_t>& finished) {
  co_await vcpu.here();
  for (std::uint32_t time = 0; time < times; ++time) {
    const Instant deadline = Clock::now() + 100us + vcpu.cpu.value() * 30us;
    co_await vcpu.executor().sleep_until(deadline);
    wakings.early += Clock::now() < deadline ? 1U : 0U;
    ++wakings.count;
  }
  finished.fetch_add(1, std::memory_order_release);
}

// False if some came too late for it to mean anything.
runtime::Task<bool> wake_in_order(Test& test, runtime::Duration lead, Case& result) {
  const std::uint32_t cpus = test.guest.cpus();
  const auto wakings = std::make_unique<Wakings[]>(cpus);
  std::atomic<std::uint32_t> finished{0};
  const Instant first = Clock::now() + lead;
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    for (std::uint32_t index = 0; index < sleepers; ++index) {
      // 7 and 16 have no common divisor: every place once, in no order.
      const std::uint32_t place = index * 7 % sleepers;
      runtime::this_vcpu().executor().spawn(
          sleep_until(test.guest.vcpu(Cpu{cpu}), first + place * 500us, place, wakings[cpu], finished));
    }
  }
  static_cast<void>(co_await wait_for(finished, cpus * sleepers));
  if (!result.equal(finished.load(std::memory_order_acquire), std::uint64_t{cpus} * sleepers, "who woke")) {
    for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
      test.ktap.diagnose_format("cpu %u: %u", static_cast<unsigned>(cpu),
                                static_cast<unsigned>(wakings[cpu].count));
    }
    give_up();
  }
  std::uint32_t late = 0;
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    late += wakings[cpu].late;
    result.equal(wakings[cpu].early, 0, "who woke early");
  }
  for (std::uint32_t cpu = 0; late == 0 && cpu < cpus; ++cpu) {
    for (std::uint32_t index = 0; index < sleepers; ++index) {
      result.equal(wakings[cpu].order[index], index, "place of who woke next");
    }
  }
  if (late != 0) {
    test.ktap.diagnose_format("%u sleepers came late: again with more time", static_cast<unsigned>(late));
  }
  co_return late == 0;
}

// The first sleeper has the later deadline.
runtime::Task<bool> wake_for_second(Test& test, runtime::Duration lead, Case& result) {
  runtime::Vcpu& vcpu = test.guest.vcpu(Cpu{test.guest.cpus() - 1});
  Wakings wakings;
  std::atomic<std::uint32_t> finished{0};
  const Instant begun = Clock::now();
  runtime::Executor& executor = runtime::this_vcpu().executor();
  executor.spawn(sleep_until(vcpu, begun + 4 * lead, 1, wakings, finished));
  co_await executor.sleep_for(lead / 2);
  executor.spawn(sleep_until(vcpu, begun + lead, 0, wakings, finished));
  if (!result.expect(co_await wait_for(finished, 2), "both wake")) {
    give_up();
  }
  result.equal(wakings.early, 0, "who woke early");
  if (wakings.late == 0) {
    result.equal(wakings.order[0], 0, "the first to wake");
    result.equal(wakings.order[1], 1, "the second to wake");
  }
  co_return wakings.late == 0;
}

}  // namespace

runtime::Task<> order(Test& test) {
  Case result{test.ktap, "sleepers wake in the order of their deadlines, on every vCPU"};
  for (runtime::Duration lead = 10ms; !co_await wake_in_order(test, lead, result); lead *= 4) {
  }
}

runtime::Task<> sleeps(Test& test) {
  constexpr std::uint32_t times = 100;
  Case result{test.ktap, "every vCPU sleeps a hundred times in a row, never too short"};
  const std::uint32_t cpus = test.guest.cpus();
  const auto wakings = std::make_unique<Wakings[]>(cpus);
  std::atomic<std::uint32_t> finished{0};
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    runtime::this_vcpu().executor().spawn(sleep_often(test.guest.vcpu(Cpu{cpu}), times, wakings[cpu], finished));
  }
  if (!result.expect(co_await wait_for(finished, cpus), "all come to their end")) {
    give_up();
  }
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    result.equal(wakings[cpu].count, times, "sleeps");
    result.equal(wakings[cpu].early, 0, "sleeps that ended early");
  }
}

runtime::Task<> nearer_deadline(Test& test) {
  Case result{test.ktap, "a vCPU that sleeps until later wakes for a deadline that comes in between"};
  for (runtime::Duration lead = 10ms; !co_await wake_for_second(test, lead, result); lead *= 4) {
  }
}

runtime::Task<> past(Test& test) {
  Case result{test.ktap, "an instant that has passed is not waited for"};
  runtime::Executor& executor = runtime::this_vcpu().executor();
  result.expect(executor.sleep_until(Instant{}).await_ready(), "the guest's start is past");
  result.expect(executor.sleep_for(-1ms).await_ready(), "a negative duration is past");
  result.expect(!executor.sleep_for(std::chrono::hours{1}).await_ready(), "an hour from now is not");
  co_await executor.sleep_until(Instant{});
}

// One coroutine looks at the clock on every vCPU in turn: what it sees never goes back.
runtime::Task<> clock(Test& test) {
  Case result{test.ktap, "time goes forward, and is the same on all vCPUs"};
  result.expect(Clock::now() >= Instant{}, "it began at zero");
  Instant last = Clock::now();
  std::uint32_t backwards = 0;
  for (std::uint32_t step = 0; step < 20 * test.guest.cpus(); ++step) {
    co_await test.guest.vcpu(Cpu{step % test.guest.cpus()}).here();
    for (int look = 0; look < 10; ++look) {
      const Instant now = Clock::now();
      backwards += now < last ? 1U : 0U;
      last = now;
    }
  }
  co_await test.guest.vcpu(Cpu{0}).here();
  result.equal(backwards, 0, "steps back");
}

// Debian's Xen without a dom0: nobody has set the time, and Xen leaves the words at zero under version 2.
void wall_clock(Test& test) {
  Case result{test.ktap, "the time of day is empty where nobody has told it"};
  result.expect(!test.guest.wall_clock(), "there is none");
}

}  // namespace timers
