// SPDX-License-Identifier: MIT
// One event from its word to the handler of its port, with ever more ports bound beside it.
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include <guest/event_channels.hpp>

#include "scripted_domain.hpp"

namespace enlighten::bench {
namespace {

class Counter final : public guest::Event_handler {
 public:
  void on_event(Port /*port*/) noexcept override { ++events; }
  std::int64_t events = 0;
};

template <guest::Event_preference Abi>
void deliver(benchmark::State& state) {
  Counter counter;
  guest::test::Scripted_domain domain{1};
  domain.boot_all(Abi);
  std::vector<guest::Bound_port> ports;
  for (std::int64_t count = 0; count < state.range(0); ++count) {
    ports.push_back(*domain.events.bind_ipi(domain.ready(0), &counter));
  }
  std::size_t next = 0;
  for (auto _ : state) {
    const Port port = ports[next].port();
    next = next + 1 == ports.size() ? 0 : next + 1;
    if constexpr (Abi == guest::Event_preference::fifo) {
      domain.raise_fifo(port, 0);
    } else {
      domain.raise_two_level(port, 0);
    }
    benchmark::DoNotOptimize(domain.events.deliver(domain.vcpu(0).events));
  }
  if (counter.events != static_cast<std::int64_t>(state.iterations())) {
    state.SkipWithError("events were lost");
  }
}

// EVTCHNOP_send as far as the guest's own part of it goes.
void send(benchmark::State& state) {
  guest::test::Scripted_domain domain{1};
  domain.boot_all(guest::Event_preference::fifo);
  const guest::Bound_port port = *domain.events.bind_ipi(domain.ready(0), nullptr);
  for (auto _ : state) {
    benchmark::DoNotOptimize(port.send());
    domain.xen.calls.clear();
  }
}

void deliver_by_fifo(benchmark::State& state) {
  deliver<guest::Event_preference::fifo>(state);
}
void deliver_by_two_level(benchmark::State& state) {
  deliver<guest::Event_preference::two_level>(state);
}

BENCHMARK(deliver_by_fifo)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(deliver_by_two_level)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(send);

}  // namespace
}  // namespace enlighten::bench
