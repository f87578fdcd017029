// SPDX-License-Identifier: MIT
// Turns every vCPU off and on again, a thousand times in all, the boot vCPU among them.
//
// Promised: by PSCI, that a CPU turned on starts anew; by Xen, that a vCPU's event structures outlive CPU_OFF; by
// the product, that nothing is lost meanwhile. Done: vCPU after vCPU is turned off and on by another one, with
// ports bound to it, events and work sent to it while it is off, and coroutines that travel through all vCPUs all
// the time. Would go wrong: Xen's CPU_ON overtakes its own CPU_OFF and leaves the new start with old registers; an
// upcall raised while a vCPU is off is dropped, and unless the vCPU looks for itself no other one ever comes; a
// port stays with a vCPU that is gone; a hypercall that Xen takes once in a vCPU's life is made twice.
#include <memory>

#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/number_argument.hpp>
#include <runtime/program.hpp>

#include "rounds.hpp"

using namespace enlighten;
using runtime::Guest;

namespace {

struct Journeys {
  std::atomic<bool> enough{false};
  std::atomic<std::uint32_t> hops{0};
  std::atomic<std::uint32_t> home{0};  // travellers back from their last one
};

// From vCPU to vCPU, with a rest on each, and home in the end. Where a vCPU is off, it waits for it.
runtime::Task<> travel(Guest& guest, Cpu home, Journeys& journeys) {
  for (std::uint32_t step = 0; !journeys.enough.load(std::memory_order_relaxed); ++step) {
    runtime::Vcpu& next = guest.vcpu(Cpu{(home.value() + step) % guest.cpus()});
    co_await next.here();
    journeys.hops.fetch_add(1, std::memory_order_relaxed);
    co_await next.executor().sleep_for(std::chrono::microseconds{500});
  }
  co_await guest.vcpu(home).here();
  journeys.home.fetch_add(1, std::memory_order_relaxed);
}

runtime::Task<> end_journeys(report::Ktap& ktap, Guest& guest, Journeys& journeys) {
  test::Case claim{ktap, "no traveller is lost on the way"};
  journeys.enough.store(true, std::memory_order_relaxed);
  const runtime::Instant begun = runtime::Clock::now();
  while (journeys.home.load(std::memory_order_relaxed) < guest.cpus() &&
         runtime::Clock::now() - begun < test::patience) {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{1});
  }
  claim.equal(journeys.home.load(std::memory_order_relaxed), guest.cpus(), "travellers at home");
  claim.expect(journeys.hops.load(std::memory_order_relaxed) > 2 * guest.cpus(), "they went round");
}

// A vCPU that comes back makes no call of its own, and costs one CPU_ON.
void count_calls(report::Ktap& ktap, const Guest& guest, std::uint32_t rounds) {
  test::Case claim{ktap, "coming back costs one CPU_ON"};
  claim.equal(guest.calls(guest::Call::psci_cpu_on), guest.cpus() - 1 + rounds, "CPU_ON");
  if (guest.xen_domain()) {
    const bool fifo = guest.event_abi() == std::string_view{"fifo"};
    claim.equal(guest.calls(guest::Call::vcpu_op), guest.cpus(), "register_vcpu_info");
    claim.equal(guest.calls(guest::Call::event_init_control), fifo ? guest.cpus() : 0, "init_control");
  }
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  const std::uint32_t rounds = runtime::number_argument(guest, "rounds", 1000U);
  if (guest.cpus() < 2) {
    runtime::print("this takes at least two vCPUs");
    co_return report::exit_code(report::Verdict::skip);
  }
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  report::Ktap ktap{runtime::console()};
  const auto subjects = std::make_unique<hotplug_rounds::Subject[]>(guest.cpus());
  Journeys journeys;
  std::uint32_t done = 0;
  {
    hotplug_rounds::Claims claims{ktap};
    hotplug_rounds::Rounds all{guest, subjects.get(), claims};
    claims.works_on.works(all.bind_ports(), "binding ports");
    for (std::uint32_t index = 0; index < guest.cpus(); ++index) {
      runtime::this_vcpu().executor().spawn(travel(guest, Cpu{index}, journeys));
    }
    for (; done < rounds && claims.hold(); ++done) {
      const Cpu target{done % guest.cpus()};
      // Every other one asks in turn.
      const Cpu asker{(target.value() + 1 + done / guest.cpus() % (guest.cpus() - 1)) % guest.cpus()};
      if (done / guest.cpus() % 5 < 2) {
        co_await all.run(asker, target);
      } else {
        co_await all.run_in_haste(asker, target);
      }
    }
    co_await guest.vcpu(Cpu{0}).here();
    runtime::print("%u rounds of off and on, %u hops of travellers meanwhile", static_cast<unsigned>(done),
                   static_cast<unsigned>(journeys.hops.load(std::memory_order_relaxed)));
  }
  co_await end_journeys(ktap, guest, journeys);
  count_calls(ktap, guest, done);
  co_return report::exit_code(ktap.finish());
}
