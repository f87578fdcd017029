// SPDX-License-Identifier: MIT
// Every port a domain has, all at once.
//
// Promised: a domain may bind as many ports as its creator set, 1,023 by default; Xen hands out the lowest free
// number and ENOSPC when there is none; a port that was closed is as good as new. Done: all are bound, in turn to
// each vCPU, until Xen has no more; each is sent one event and must receive exactly that one; all are closed; and
// all of it again. Would go wrong: a port at the edge of a word or of a page that nobody looks at, an event that
// reaches another port's handler, a port that closing does not give back.
#include <memory>
#include <new>

#include <report/record.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"

using namespace enlighten;
using runtime::Guest;
using test::Case;
using test::Counter;

namespace {

// As many as dom0less domains are given ([xen] max_evtchn_port); port 0 is not one.
constexpr std::uint32_t ports_of_a_domain = 1023;

struct Slot {
  guest::Bound_port port;
  Counter events;
  std::uint32_t cpu = 0;
};

std::uint32_t count_free(Guest& guest) {
  std::uint32_t free = 0;
  for (std::uint32_t port = 1; port <= ports_of_a_domain; ++port) {
    const Result<abi::Evtchn_status> status = guest.events().status(Port{port});
    // Beyond what Xen has allocated so far a port is not even valid.
    free += !status || status->status == abi::Evtchn_state::closed ? 1U : 0U;
  }
  return free;
}

// Binds ports until Xen has no more; how many.
std::uint32_t bind_all(Guest& guest, Case& result, std::span<Slot> slots) {
  for (std::uint32_t index = 0; index < slots.size(); ++index) {
    Slot& slot = slots[index];
    slot.cpu = index % guest.cpus();
    const auto ready = guest.ready(Cpu{slot.cpu});
    if (!result.works(ready, "the vCPU is ready")) {
      return index;
    }
    Result<guest::Bound_port> port = guest.events().bind_ipi(*ready, &slot.events);
    if (!port) {
      result.refused(port, abi::Errno::enospc, "the end of all ports");
      return index;
    }
    slot.port = std::move(*port);
  }
  result.expect(false, "there is an end to ports");
  return static_cast<std::uint32_t>(slots.size());
}

runtime::Task<std::uint32_t> count_received(std::span<Slot> slots) {
  const runtime::Instant begun = runtime::Clock::now();
  std::uint32_t exactly_one = 0;
  do {
    co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{2});
    exactly_one = 0;
    for (const Slot& slot : slots) {
      exactly_one +=
          slot.events.events() == 1 && slot.events.cpu() == Cpu{slot.cpu} && slot.events.port() == slot.port.port()
              ? 1U
              : 0U;
    }
  } while (exactly_one < slots.size() && runtime::Clock::now() - begun < test::patience);
  co_return exactly_one;
}

runtime::Task<> use_all(Guest& guest, report::Ktap& ktap, const char* name) {
  Case result{ktap, name};
  const std::uint32_t free = count_free(guest);
  const std::unique_ptr<Slot[]> slots{new (std::nothrow) Slot[ports_of_a_domain + 1]};
  if (!result.expect(slots != nullptr, "there is memory for all ports")) {
    co_return;
  }
  const std::uint32_t bound = bind_all(guest, result, std::span{slots.get(), ports_of_a_domain + 1});
  const std::span<Slot> used{slots.get(), bound};
  result.equal(bound, free, "ports bound, of those free");
  result.equal(count_free(guest), 0, "ports free then");
  std::uint32_t refused = 0;
  for (const Slot& slot : used) {
    refused += slot.port.send() ? 0U : 1U;
  }
  result.equal(refused, 0, "events refused");
  const std::uint32_t received = co_await count_received(used);
  result.equal(received, bound, "ports that received exactly their one event, where they are bound");
  for (Slot& slot : used) {
    refused += slot.port.close() ? 0U : 1U;
  }
  result.equal(refused, 0, "ports that could not be closed");
  result.equal(count_free(guest), free, "ports free again");
  std::uint32_t surplus = 0;
  for (const Slot& slot : used) {
    surplus += slot.events.events() - 1;
  }
  result.equal(surplus, 0, "events more than were sent");
  report::Count_lines{runtime::console()}.add("ports_used", bound);
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  // Waking the others by posted work binds a port for each, for good.
  for (std::uint32_t cpu = 1; cpu <= guest.cpus(); ++cpu) {
    co_await guest.vcpu(Cpu{cpu % guest.cpus()}).here();
  }
  report::Ktap ktap{runtime::console()};
  {
    Case result{ktap, "all 1,023 ports are free but for those that wake a vCPU"};
    const std::uint32_t free = count_free(guest);
    result.expect(free >= ports_of_a_domain - guest.cpus() && free <= ports_of_a_domain, "that many are free");
  }
  co_await use_all(guest, ktap, "every port is bound, receives exactly one event, and is closed");
  co_await use_all(guest, ktap, "and once more");
  co_return report::exit_code(ktap.finish());
}
