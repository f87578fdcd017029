// SPDX-License-Identifier: MIT
// All vCPUs send to all others as fast as they can while every port is masked, moved, closed and bound anew.
//
// Promised: an event is not lost, whatever else is done to its port or to others at the same time; a handler runs
// for one event at a time, on the vCPU its port is bound to, and not after the port was closed. Done: each vCPU
// posts numbers to mailboxes of all others, at random (with a fixed seed, or bootarg seed=N) waits until one is
// seen, and at random does something to any port of all. Would go wrong: an event that comes between two steps of
// masking, moving or closing and is told to nobody: a number that is never seen.
#include <memory>
#include <new>

#include <report/record.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/number_argument.hpp>
#include <runtime/power.hpp>
#include <runtime/program.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"
#include "mailbox.hpp"

using namespace enlighten;
using runtime::Guest;
using storm::Mailbox;
using test::Case;

namespace {

// xorshift64*.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed * 0x9e3779b97f4a7c15 + 1} {}
  [[nodiscard]] std::uint32_t below(std::uint32_t limit) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::uint32_t>((state_ * 0x2545f4914f6cdd1d) >> 32) % limit;
  }

 private:
  std::uint64_t state_;
};

class Storm {
 public:
  Storm(Guest& guest, Mailbox* boxes)
      : guest_{guest},
        boxes_{boxes},
        messages_{runtime::number_argument(guest, "messages", 1000U)},
        seed_{runtime::number_argument(guest, "seed", 1U)} {}

  [[nodiscard]] Result<> open() {
    for (std::uint32_t from = 0; from < guest_.cpus(); ++from) {
      for (std::uint32_t to = 0; to < guest_.cpus(); ++to) {
        if (from != to) {
          ENLIGHTEN_TRY(box(from, to).open(guest_, faults_, Cpu{from}, Cpu{to}));
        }
      }
    }
    return {};
  }

  // What one vCPU does.
  runtime::Task<> rage(std::uint32_t cpu) {
    co_await guest_.vcpu(Cpu{cpu}).here();
    runtime::Executor& executor = runtime::this_vcpu().executor();
    Random random{std::uint64_t{seed_} << 8 | cpu};
    for (std::uint32_t message = 0; message < messages_; ++message) {
      Mailbox& target = box(cpu, another_than(cpu, random));
      const std::uint32_t posted = target.post();
      if (random.below(16) == 0) {
        const bool seen = co_await is_seen(target, posted);
        if (!seen) {
          unseen_.fetch_add(1, std::memory_order_relaxed);
          break;
        }
      }
      if (random.below(4) == 0) {
        const std::uint32_t from = random.below(guest_.cpus());
        co_await trouble(box(from, another_than(from, random)), random);
      }
      co_await executor.yield();
    }
    finished_.fetch_add(1, std::memory_order_release);
  }

  runtime::Task<bool> all_finished() {
    while (finished_.load(std::memory_order_acquire) < guest_.cpus()) {
      // Nobody waits for anything longer than for one number to be seen.
      if (runtime::Clock::now() - runtime::Instant{} > std::chrono::seconds{200}) {
        co_return false;
      }
      co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{5});
    }
    co_return true;
  }

  // How many mailboxes have numbers that are never seen.
  runtime::Task<std::uint32_t> count_unseen() {
    std::uint32_t unseen = unseen_.load(std::memory_order_relaxed);
    for (std::uint32_t from = 0; from < guest_.cpus(); ++from) {
      for (std::uint32_t to = 0; to < guest_.cpus(); ++to) {
        if (from != to) {
          const bool seen = co_await is_seen(box(from, to), box(from, to).posted());
          unseen += seen ? 0U : 1U;
        }
      }
    }
    co_return unseen;
  }

  [[nodiscard]] const storm::Faults& faults() const { return faults_; }
  void count(report::Count_lines& lines) {
    std::uint64_t posted = 0;
    std::uint64_t events = 0;
    for (std::uint32_t index = 0; index < guest_.cpus() * guest_.cpus(); ++index) {
      posted += boxes_[index].posted();
      events += boxes_[index].events();
    }
    lines.add("messages", posted).add("events", events).add("troubles", troubles_.load(std::memory_order_relaxed));
  }

 private:
  [[nodiscard]] Mailbox& box(std::uint32_t from, std::uint32_t to) { return boxes_[from * guest_.cpus() + to]; }
  [[nodiscard]] std::uint32_t another_than(std::uint32_t cpu, Random& random) const {
    return (cpu + 1 + random.below(guest_.cpus() - 1)) % guest_.cpus();
  }

  runtime::Task<bool> is_seen(Mailbox& target, std::uint32_t posted) {
    const runtime::Instant begun = runtime::Clock::now();
    while (!target.has_seen(posted)) {
      if (runtime::Clock::now() - begun > test::patience) {
        co_return false;
      }
      co_await runtime::this_vcpu().executor().sleep_for(std::chrono::microseconds{100});
    }
    co_return true;
  }

  runtime::Task<> trouble(Mailbox& target, Random& random) {
    troubles_.fetch_add(1, std::memory_order_relaxed);
    switch (random.below(8)) {
      case 0:
      case 1:
        target.mask();
        for (std::uint32_t turns = random.below(4); turns > 0; --turns) {
          co_await runtime::this_vcpu().executor().yield();
        }
        target.unmask();
        break;
      case 2:
      case 3:
        target.move(Cpu{random.below(guest_.cpus())});
        break;
      case 4:
        target.prioritize(random.below(abi::fifo_queues));
        break;
      case 5:
        target.disturb();
        break;
      default:
        target.renew();
        break;
    }
  }

  Guest& guest_;
  Mailbox* boxes_;
  std::uint32_t messages_;
  std::uint32_t seed_;
  storm::Faults faults_;
  std::atomic<std::uint32_t> finished_{0};
  std::atomic<std::uint32_t> unseen_{0};
  std::atomic<std::uint32_t> troubles_{0};
};

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  report::Ktap ktap{runtime::console()};
  const Result<> started = guest.start_all();
  if (!started || guest.cpus() < 2) {
    runtime::log("cannot run this test: ", started ? "one vCPU has nobody to send to" : started.error().text());
    co_return report::exit_code(report::Verdict::error);
  }
  const std::unique_ptr<Mailbox[]> boxes{new (std::nothrow) Mailbox[std::size_t{guest.cpus()} * guest.cpus()]};
  if (!boxes) {
    runtime::log("out of memory for the mailboxes");
    co_return report::exit_code(report::Verdict::error);
  }
  Storm storm{guest, boxes.get()};
  {
    Case result{ktap, "every vCPU has a mailbox for every other"};
    if (!result.works(storm.open(), "opening")) {
      co_return report::exit_code(report::Verdict::failure);
    }
  }
  for (std::uint32_t cpu = 0; cpu < guest.cpus(); ++cpu) {
    runtime::this_vcpu().executor().spawn(storm.rage(cpu));
  }
  const bool finished = co_await storm.all_finished();
  if (!finished) {
    // The others hold on to what is here.
    ktap.fail("every vCPU comes to its end");
    runtime::finish(report::Verdict::failure, report::exit_code(report::Verdict::failure), "a vCPU hangs");
  }
  {
    Case result{ktap, "no number that was posted before an event stays unseen"};
    const std::uint32_t unseen = co_await storm.count_unseen();
    result.equal(unseen, 0, "mailboxes with unseen numbers");
  }
  {
    Case result{ktap, "no operation is refused"};
    result.equal(storm.faults().refused, 0, "refusals");
  }
  {
    Case result{ktap, "a handler runs for one event at a time, where its port is, and not after that was closed"};
    result.equal(storm.faults().overlaps, 0, "overlaps");
    result.equal(storm.faults().misplaced, 0, "events of IPIs elsewhere");
    result.equal(storm.faults().late, 0, "events after closing");
  }
  report::Count_lines lines{runtime::console()};
  storm.count(lines);
  lines.flush();
  co_return report::exit_code(ktap.finish());
}
