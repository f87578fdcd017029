// SPDX-License-Identifier: MIT
// The order in which events of different priorities are delivered.
//
// Promised by the FIFO ABI: of the events that wait for a vCPU, those of a higher priority (a lower number) come
// first, those of one priority in the order in which they were sent; a more urgent one that comes meanwhile
// overtakes; a change of priority counts from the next event on. Done: ports of all 16 priorities are sent events
// in a scrambled order, while their vCPU does something else. Would go wrong: a queue picked from the wrong end, a
// queue left before or held on to after something more urgent came. With the 2-level ABI there is nothing to test.
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"

using namespace enlighten;
using runtime::Guest;
using test::Case;

namespace {

constexpr std::uint32_t ports_of_a_priority = 3;
constexpr std::uint32_t port_count = abi::fifo_queues * ports_of_a_priority;

// The order in which handlers ran, each noted by the number it was given.
class Record {
 public:
  void clear() { length_ = 0; }
  void note(std::uint32_t number) {
    if (length_ < std::size(numbers_)) {
      numbers_[length_++] = number;
    }
  }
  [[nodiscard]] std::span<const std::uint32_t> numbers() const { return {numbers_, length_}; }

 private:
  std::uint32_t numbers_[2 * port_count] = {};
  std::uint32_t length_ = 0;
};

class Noter final : public guest::Event_handler {
 public:
  void on_event(Port) noexcept override {
    record->note(number);
    if (also != nullptr) {
      static_cast<void>(also->send());
    }
  }

  Record* record = nullptr;
  std::uint32_t number = 0;
  const guest::Bound_port* also = nullptr;  // sent to by the handler
};

struct Bench {
  Record record;
  Noter noters[port_count];
  guest::Bound_port ports[port_count];
};

[[nodiscard]] Result<> bind_all(Guest& guest, Cpu cpu, Bench& bench) {
  const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest.ready(cpu));
  for (std::uint32_t index = 0; index < port_count; ++index) {
    bench.noters[index].record = &bench.record;
    bench.noters[index].number = index;
    bench.ports[index] = ENLIGHTEN_TRY(guest.events().bind_ipi(ready, &bench.noters[index]));
    ENLIGHTEN_TRY(bench.ports[index].set_priority(index / ports_of_a_priority));
  }
  return {};
}

// On the vCPU that the ports are bound to: what is sent here waits, since nothing is delivered before this returns
// to the executor.
runtime::Task<> scrambled(Case& result, Bench& bench) {
  bench.record.clear();
  // 48 ports, by a step that has no divisor in common with them: each priority's own in a rotated order.
  constexpr std::uint32_t step = 29;
  for (std::uint32_t turn = 0; turn < port_count; ++turn) {
    result.works(bench.ports[turn * step % port_count].send(), "send");
  }
  co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{5});
  const std::span<const std::uint32_t> order = bench.record.numbers();
  result.equal(order.size(), port_count, "events");
  std::uint32_t turn_of[port_count];
  for (std::uint32_t turn = 0; turn < port_count; ++turn) {
    turn_of[turn * step % port_count] = turn;
  }
  for (std::size_t place = 1; place < order.size(); ++place) {
    const std::uint32_t before = order[place - 1];
    const std::uint32_t after = order[place];
    const std::uint32_t priority = before / ports_of_a_priority;
    result.expect(priority <= after / ports_of_a_priority, "the more urgent first");
    result.expect(priority != after / ports_of_a_priority || turn_of[before] < turn_of[after],
                  "of one priority, the one sent first");
  }
}

runtime::Task<> overtaking(Case& result, Bench& bench) {
  bench.record.clear();
  // The first of priority 15 sends to priority 0, which comes before the other two of 15.
  constexpr std::uint32_t lowest = port_count - ports_of_a_priority;
  bench.noters[lowest].also = &bench.ports[0];
  for (std::uint32_t index = lowest; index < port_count; ++index) {
    result.works(bench.ports[index].send(), "send");
  }
  co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{5});
  bench.noters[lowest].also = nullptr;
  const std::span<const std::uint32_t> order = bench.record.numbers();
  constexpr std::uint32_t expected[] = {lowest, 0, lowest + 1, lowest + 2};
  result.equal(order.size(), std::size(expected), "events");
  for (std::size_t place = 0; place < std::min(order.size(), std::size(expected)); ++place) {
    result.equal(order[place], expected[place], "port");
  }
}

runtime::Task<> changing(Case& result, Bench& bench) {
  bench.record.clear();
  // Port a waits in queue 15 when it becomes the most urgent: this once it comes last.
  constexpr std::uint32_t a = port_count - 1;
  constexpr std::uint32_t b = port_count / 2;
  result.works(bench.ports[a].send(), "send");
  result.works(bench.ports[a].set_priority(0), "set_priority");
  result.works(bench.ports[b].send(), "send");
  co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{5});
  result.works(bench.ports[b].send(), "send");
  result.works(bench.ports[a].send(), "send");
  co_await runtime::this_vcpu().executor().sleep_for(std::chrono::milliseconds{5});
  result.works(bench.ports[a].set_priority(abi::fifo_priority_lowest), "set_priority");
  const std::span<const std::uint32_t> order = bench.record.numbers();
  constexpr std::uint32_t expected[] = {b, a, a, b};
  result.equal(order.size(), std::size(expected), "events");
  for (std::size_t place = 0; place < std::min(order.size(), std::size(expected)); ++place) {
    result.equal(order[place], expected[place], "port");
  }
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  report::Ktap ktap{runtime::console()};
  if (guest.events().abi() != guest::Event_abi::fifo) {
    ktap.skip("events are delivered by priority", "the 2-level ABI has no priorities");
    co_return report::exit_code(ktap.finish());
  }
  for (const std::uint32_t cpu : {std::uint32_t{0}, guest.cpus() - 1}) {
    static Bench benches[2];
    Bench& bench = benches[cpu == 0 ? 0 : 1];
    co_await guest.vcpu(Cpu{cpu}).here();
    char name[64];
    const auto number = static_cast<unsigned>(cpu);
    std::snprintf(name, sizeof name, "the more urgent comes first, on cpu %u", number);
    {
      Case result{ktap, name};
      if (!result.works(bind_all(guest, Cpu{cpu}, bench), "binding")) {
        continue;
      }
      for (int round = 0; round < 5; ++round) {
        co_await scrambled(result, bench);
      }
    }
    std::snprintf(name, sizeof name, "what is more urgent overtakes, on cpu %u", number);
    {
      Case result{ktap, name};
      co_await overtaking(result, bench);
    }
    std::snprintf(name, sizeof name, "a new priority counts from the next event on, on cpu %u", number);
    {
      Case result{ktap, name};
      co_await changing(result, bench);
    }
  }
  co_return report::exit_code(ktap.finish());
}
