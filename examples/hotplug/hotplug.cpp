// SPDX-License-Identifier: MIT
// Turns a vCPU off and on again while the others send it work and events; rounds=N says how often.
#include <atomic>

#include <runtime/log.hpp>
#include <runtime/number_argument.hpp>
#include <runtime/program.hpp>

using namespace enlighten;
using runtime::Guest;
using std::chrono::operator""ms;

namespace {

struct Counts final : guest::Event_handler {
  void on_event(Port) noexcept override { events.fetch_add(1, std::memory_order_relaxed); }

  std::atomic<unsigned> events{0};
  std::atomic<unsigned> visits{0};
  std::atomic<unsigned> visitors{0};  // who have gone home for good
  std::atomic<bool> closing{false};
};

// Goes to `host` again and again and comes back. When `host` is off, it waits there until `host` is on.
runtime::Task<> visit(runtime::Vcpu& host, runtime::Vcpu& home, Counts& counts) {
  while (!counts.closing.load(std::memory_order_relaxed)) {
    co_await host.here();
    counts.visits.fetch_add(1, std::memory_order_relaxed);
    co_await home.here();
    co_await home.executor().sleep_for(1ms);
  }
  counts.visitors.fetch_add(1, std::memory_order_relaxed);
}

// Off, an event meanwhile, and on again.
Result<> restart(Guest& guest, Cpu cpu, const guest::Bound_port& port) {
  ENLIGHTEN_TRY(guest.stop(cpu));
  runtime::log("cpu ", cpu, " is off; ", guest.online(), " of ", guest.cpus(), " CPUs are online");
  // The port is bound to the CPU that is off, so Xen keeps the event for it.
  if (port) {
    ENLIGHTEN_TRY(port.send());
  }
  ENLIGHTEN_TRY(guest.start(cpu));
  runtime::log("cpu ", cpu, " is on again");
  return {};
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  const unsigned rounds = runtime::number_argument(guest, "rounds", 5U);
  if (guest.cpus() < 2) {
    runtime::log("the only CPU cannot be turned off");
    co_return 3;
  }
  Result<> done = guest.start_all();
  runtime::Vcpu& self = runtime::this_vcpu();
  const Cpu last{guest.cpus() - 1};

  Counts counts;
  guest::Bound_port port;
  if (const auto ready = guest.ready(last); ready) {
    if (auto bound = guest.events().bind_ipi(*ready, &counts); bound) {
      port = std::move(*bound);
    }
  }
  for (std::uint32_t index = 0; done && index < last.value(); ++index) {
    self.executor().spawn(visit(guest.vcpu(last), guest.vcpu(Cpu{index}), counts));
  }
  for (unsigned round = 0; done && round < rounds; ++round) {
    co_await self.executor().sleep_for(5ms);
    done = restart(guest, last, port);
  }
  if (!done) {
    runtime::log(done.error());
    co_return 1;
  }

  counts.closing.store(true, std::memory_order_relaxed);
  const unsigned sent = port ? rounds : 0;
  while (counts.visitors.load(std::memory_order_relaxed) < last.value() ||
         counts.events.load(std::memory_order_relaxed) < sent) {
    co_await self.executor().sleep_for(1ms);
  }
  runtime::log(counts.visits.load(std::memory_order_relaxed), " visits to cpu ", last);
  runtime::print("rounds=%u events sent=%u received=%u", rounds, sent,
                 counts.events.load(std::memory_order_relaxed));
  co_return counts.events.load(std::memory_order_relaxed) == sent ? 0 : 1;
}
