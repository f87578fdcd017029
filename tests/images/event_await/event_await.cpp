// SPDX-License-Identifier: MIT
// Handlers, and coroutines that wait for events, on all vCPUs at once.
//
// Promised: a handler runs on the vCPU its port is bound to; `co_await signal` resumes on the signal's vCPU, once
// for all events since the last time, and misses none that came before, while or after it began to wait. Done: a
// token goes round all vCPUs by events alone; a coroutine on each vCPU waits for all others; a port is moved under
// a waiting coroutine. Would go wrong: a coroutine resumed on the vCPU of its sender, twice, or never.
#include <atomic>
#include <memory>
#include <new>
#include <optional>

#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>
#include <runtime/signal.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"

using namespace enlighten;
using runtime::Guest;
using runtime::Signal;
using runtime::Vcpu;
using test::Case;

namespace {

constexpr std::uint32_t rounds = 100;
constexpr std::uint32_t most_cpus = 128;

// One seat for each vCPU: a signal of its own, and the port whose events it waits for.
struct Seat {
  explicit Seat(Vcpu& vcpu) noexcept : signal{vcpu} {}

  Signal signal;
  guest::Bound_port port;
  std::uint64_t events = 0;
  std::uint32_t wakes = 0;
  bool elsewhere = false;
};

class Table {
 public:
  explicit Table(Guest& guest) : guest_{guest} {}

  [[nodiscard]] Result<> lay() {
    for (std::uint32_t cpu = 0; cpu < guest_.cpus(); ++cpu) {
      Seat& seat = seats_[cpu].emplace(guest_.vcpu(Cpu{cpu}));
      seat.port = ENLIGHTEN_TRY(guest_.events().bind_ipi(ENLIGHTEN_TRY(guest_.ready(Cpu{cpu})), &seat.signal));
    }
    return {};
  }

  [[nodiscard]] Guest& guest() const { return guest_; }
  [[nodiscard]] Seat& seat(std::uint32_t cpu) { return *seats_[cpu % guest_.cpus()]; }
  void finished() { finished_.fetch_add(1, std::memory_order_release); }

  // Until all have finished; false if they do not.
  runtime::Task<bool> all_finished() {
    const runtime::Instant begun = runtime::Clock::now();
    while (finished_.load(std::memory_order_acquire) < guest_.cpus()) {
      if (runtime::Clock::now() - begun > test::patience) {
        co_return false;
      }
      co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
    }
    co_return true;
  }

 private:
  Guest& guest_;
  std::optional<Seat> seats_[most_cpus];
  std::atomic<std::uint32_t> finished_{0};
};

// Waits for the token and hands it on.
runtime::Task<> pass_on(Table& table, std::uint32_t cpu) {
  co_await table.guest().vcpu(Cpu{cpu}).here();
  Seat& seat = table.seat(cpu);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const std::uint64_t events = co_await seat.signal;
    seat.events += events;
    ++seat.wakes;
    seat.elsewhere |= runtime::this_vcpu().cpu != Cpu{cpu};
    // The last one keeps it at the end.
    if (cpu + 1 < table.guest().cpus() || round + 1 < rounds) {
      static_cast<void>(table.seat(cpu + 1).port.send());
    }
  }
  table.finished();
}

// Sends to everybody, over and over, and counts what came from all others: at least one wake-up after each quiet
// moment, and never more events than were sent.
runtime::Task<> mingle(Table& table, std::uint32_t cpu) {
  co_await table.guest().vcpu(Cpu{cpu}).here();
  Seat& seat = table.seat(cpu);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    for (std::uint32_t other = 0; other < table.guest().cpus(); ++other) {
      static_cast<void>(table.seat(other).port.send());
    }
    // Its own event at least.
    const std::uint64_t events = co_await seat.signal;
    seat.events += events;
    ++seat.wakes;
    seat.elsewhere |= runtime::this_vcpu().cpu != Cpu{cpu};
  }
  table.finished();
}

runtime::Task<> together(Guest& guest, report::Ktap& ktap, const char* name,
                         runtime::Task<> (*what)(Table&, std::uint32_t), bool token) {
  Case result{ktap, name};
  // Outlives its coroutines, even if they do not end in time.
  Table* const table = new (std::nothrow) Table{guest};
  if (!result.expect(table != nullptr, "there is memory") || !result.works(table->lay(), "binding")) {
    co_return;
  }
  for (std::uint32_t cpu = 0; cpu < guest.cpus(); ++cpu) {
    runtime::this_vcpu().executor().spawn(what(*table, cpu));
  }
  if (token) {
    result.works(table->seat(0).port.send(), "send");
  }
  const bool finished = co_await table->all_finished();
  if (!result.expect(finished, "all come to their end")) {
    co_return;
  }
  for (std::uint32_t cpu = 0; cpu < guest.cpus(); ++cpu) {
    const Seat& seat = table->seat(cpu);
    result.equal(seat.wakes, rounds, "resumptions");
    result.expect(!seat.elsewhere, "each on its own vCPU");
    if (token) {
      result.equal(seat.events, rounds, "events, one for each resumption");
    } else {
      result.expect(seat.events >= rounds && seat.events <= std::uint64_t{rounds} * guest.cpus(),
                    "no more events than were sent, and one at least each time");
    }
  }
  delete table;
}

// A signal may stay with its coroutine's vCPU when the port goes to another.
runtime::Task<> moved(Guest& guest, report::Ktap& ktap) {
  Case result{ktap, "a coroutine goes on where it waits, wherever its port is moved"};
  Signal signal{guest.vcpu(Cpu{0})};
  const auto ready = guest.ready(Cpu{0});
  if (!result.works(ready, "ready")) {
    co_return;
  }
  const auto far = guest.events().alloc_unbound(abi::domain_self, *ready, &signal);
  if (!result.works(far, "alloc_unbound")) {
    co_return;
  }
  const auto near = guest.events().bind_interdomain(abi::domain_self, far->port(), *ready, nullptr);
  if (!result.works(near, "bind_interdomain")) {
    co_return;
  }
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const auto to = guest.ready(Cpu{round % guest.cpus()});
    result.works(far->move_to(*to), "move");
    result.works(near->send(), "send");
    const std::uint64_t events = co_await signal;
    result.equal(events, 1, "events");
    result.expect(runtime::this_vcpu().cpu == Cpu{0}, "resumed on the signal's vCPU");
  }
}

// Events that nobody waits for yet.
runtime::Task<> early(Guest& guest, report::Ktap& ktap) {
  Case result{ktap, "a signal remembers what comes before anybody waits, from several ports"};
  Signal signal{guest.vcpu(Cpu{0})};
  const auto ready = guest.ready(Cpu{0});
  if (!result.works(ready, "ready")) {
    co_return;
  }
  const auto one = guest.events().bind_ipi(*ready, &signal);
  const auto two = guest.events().bind_ipi(*ready, &signal);
  if (!result.works(one, "bind_ipi") || !result.works(two, "bind_ipi")) {
    co_return;
  }
  result.works(one->send(), "send");
  result.works(one->send(), "send, which merges");
  result.works(two->send(), "send");
  co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{5});
  std::uint64_t events = co_await signal;
  result.equal(events, 2, "events, one of each port");
  result.works(two->send(), "send");
  events = co_await signal;
  result.equal(events, 1, "events after that");
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  const Result<> started = guest.start_all();
  if (!started || guest.cpus() > most_cpus) {
    runtime::log("cannot run this test on ", guest.cpus(),
                 " CPUs: ", started ? "too many" : started.error().text());
    co_return report::exit_code(report::Verdict::error);
  }
  report::Ktap ktap{runtime::console()};
  co_await together(guest, ktap, "a token goes round all vCPUs, from coroutine to coroutine", pass_on, true);
  co_await together(guest, ktap, "coroutines on all vCPUs send to all and wait for all", mingle, false);
  co_await moved(guest, ktap);
  co_await early(guest, ktap);
  co_return report::exit_code(ktap.finish());
}
