// SPDX-License-Identifier: MIT
// What runs on a vCPU besides timers: posted work, and coroutines that hop, yield and are spawned.
#include <string_view>

#include "timers.hpp"

namespace timers {
namespace {

using std::chrono::operator""ms;
using runtime::Vcpu;
using runtime::Work;
using test::Case;

constexpr std::uint32_t nowhere = ~0U;

struct Errand : Work {
  Errand() noexcept {
    run = [](Work& work) {
      auto& self = static_cast<Errand&>(work);
      self.cpu = runtime::this_vcpu().cpu.value();
      self.runs.fetch_add(1, std::memory_order_release);
    };
  }
  std::atomic<std::uint32_t> runs{0};
  std::uint32_t cpu = nowhere;
};

// Keeps its vCPU at work until `end`, looking at nothing but its own turn.
runtime::Task<> be_busy(Vcpu& vcpu, const std::atomic<std::uint32_t>& end, std::atomic<std::uint32_t>& begun,
                        std::atomic<std::uint32_t>& ended) {
  co_await vcpu.here();
  begun.fetch_add(1, std::memory_order_release);
  while (end.load(std::memory_order_relaxed) == 0) {
    co_await vcpu.executor().yield();
  }
  ended.fetch_add(1, std::memory_order_release);
}

struct Text {
  char characters[32] = {};
  std::uint32_t length = 0;

  void append(char character) {
    if (length < sizeof characters) {
      characters[length++] = character;
    }
  }
  [[nodiscard]] std::string_view view() const { return {characters, length}; }
};

runtime::Task<> take_turns(char letter, std::uint32_t times, Text& text, std::atomic<std::uint32_t>& finished) {
  for (std::uint32_t time = 0; time < times; ++time) {
    text.append(letter);
    co_await runtime::this_vcpu().executor().yield();
  }
  finished.fetch_add(1, std::memory_order_release);
}

// Counts itself while it exists.
class Present {
 public:
  explicit Present(std::uint32_t& count) : count_{count} { ++count_; }
  ~Present() { --count_; }
  Present(const Present&) = delete;
  Present& operator=(const Present&) = delete;

 private:
  std::uint32_t& count_;
};

runtime::Task<> be_present(std::uint32_t& count, std::atomic<std::uint32_t>& finished) {
  const Present present{count};
  co_await runtime::this_vcpu().executor().yield();
  finished.fetch_add(1, std::memory_order_release);
}

runtime::Task<std::uint32_t> one_more(std::uint32_t number) {
  co_return number + 1;
}

}  // namespace

runtime::Task<> posts_to_sleeping(Test& test) {
  Case result{test.ktap, "work posted to a vCPU that sleeps runs there, once"};
  for (std::uint32_t round = 1; round <= 10; ++round) {
    // Nobody has anything to do meanwhile.
    co_await runtime::this_vcpu().executor().sleep_for(3ms);
    for (std::uint32_t cpu = 0; cpu < test.guest.cpus(); ++cpu) {
      Errand errand;
      test.guest.vcpu(Cpu{cpu}).post(errand);
      if (!result.expect(co_await wait_for(errand.runs, 1), "it runs")) {
        runtime::panic("work that is still posted would lie in memory that goes");
      }
      result.equal(errand.cpu, cpu, "on the CPU it was posted to");
    }
  }
}

runtime::Task<> posts_to_busy(Test& test) {
  Case result{test.ktap, "work posted to a vCPU that is busy runs between two turns of what keeps it busy"};
  const std::uint32_t cpus = test.guest.cpus();
  std::atomic<std::uint32_t> end{0};
  std::atomic<std::uint32_t> begun{0};
  std::atomic<std::uint32_t> ended{0};
  for (std::uint32_t cpu = 0; cpu < cpus; ++cpu) {
    runtime::this_vcpu().executor().spawn(be_busy(test.guest.vcpu(Cpu{cpu}), end, begun, ended));
  }
  bool done = result.expect(co_await wait_for(begun, cpus), "all are busy");
  for (std::uint32_t cpu = 0; done && cpu < cpus; ++cpu) {
    Errand errand;
    test.guest.vcpu(Cpu{cpu}).post(errand);
    done = result.expect(co_await wait_for(errand.runs, 1), "it runs");
    result.equal(errand.cpu, cpu, "on the CPU it was posted to");
  }
  result.equal(ended.load(std::memory_order_acquire), 0, "who stopped being busy");
  end.store(1, std::memory_order_relaxed);
  done = done && result.expect(co_await wait_for(ended, cpus), "all stop");
  if (!done) {
    runtime::panic("what still runs would use memory that goes");
  }
}

runtime::Task<> hops(Test& test) {
  Case result{test.ktap, "a coroutine goes on where it hops to"};
  const std::uint32_t cpus = test.guest.cpus();
  std::uint32_t elsewhere = 0;
  for (std::uint32_t step = 0; step < 50 * cpus; ++step) {
    const Cpu cpu{step * 3 % cpus};
    co_await test.guest.vcpu(cpu).here();
    elsewhere += runtime::this_vcpu().cpu != cpu ? 1U : 0U;
  }
  result.equal(elsewhere, 0, "hops that ended elsewhere");
  co_await test.guest.vcpu(Cpu{0}).here();
  result.expect(runtime::this_vcpu().here().await_ready(), "who is there already need not hop");
}

runtime::Task<> turns(Test& test) {
  Case result{test.ktap, "coroutines that yield take turns"};
  Text text;
  std::atomic<std::uint32_t> finished{0};
  runtime::Executor& executor = runtime::this_vcpu().executor();
  executor.spawn(take_turns('a', 4, text, finished));
  executor.spawn(take_turns('b', 2, text, finished));
  executor.spawn(take_turns('c', 3, text, finished));
  result.equal(text.length, 0, "letters before the first turn");
  if (!result.expect(co_await wait_for(finished, 3), "all come to their end")) {
    runtime::panic("who is left would write to memory that goes");
  }
  result.expect(text.view() == "abcabcaca", "each had its turn, in order");
}

runtime::Task<> spawns(Test& test) {
  Case result{test.ktap, "ten thousand spawned coroutines run, and their frames go"};
  std::uint32_t present = 0;
  std::atomic<std::uint32_t> finished{0};
  runtime::Executor& executor = runtime::this_vcpu().executor();
  for (std::uint32_t batch = 1; batch <= 100; ++batch) {
    for (std::uint32_t index = 0; index < 100; ++index) {
      executor.spawn(be_present(present, finished));
    }
    co_await executor.yield();
    co_await executor.yield();
  }
  if (!result.expect(co_await wait_for(finished, 10'000), "all come to their end")) {
    runtime::panic("who is left would write to memory that goes");
  }
  result.equal(present, 0, "coroutines that still have their frame");
}

// The stack has room for a few hundred frames: each await must take its own away.
runtime::Task<> chain(Test& test) {
  Case result{test.ktap, "a hundred thousand awaits in a row do not grow the stack"};
  std::uint32_t number = 0;
  for (std::uint32_t time = 0; time < 100'000; ++time) {
    number = co_await one_more(number);
  }
  result.equal(number, 100'000, "awaits");
}

}  // namespace timers
