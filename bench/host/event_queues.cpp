// SPDX-License-Identifier: MIT
// What a vCPU does with the words of the two event ABIs, with nothing around it.
#include <array>
#include <cstdint>
#include <memory>

#include <benchmark/benchmark.h>

#include <guest/fifo_queue.hpp>
#include <guest/two_level_queue.hpp>

namespace enlighten::bench {
namespace {

constexpr std::uint32_t queue = abi::fifo_priority_default;

// A page of the array, one vCPU, and Xen's part: a queue of ports that it has just linked.
struct Fifo {
  Fifo() {
    if (!array.append(page)) {
      std::abort();
    }
    for (std::uint32_t port = 1; port < page.size(); ++port) {
      static_cast<void>(array.unmask(Port{port}));
    }
  }

  // 1 to `count`.
  void send(std::uint32_t count) {
    using namespace abi::event_word;
    for (std::uint32_t port = 1; port <= count; ++port) {
      page[port] = pending | linked | (port == count ? 0 : port + 1);
    }
    block.head[queue] = 1;
    block.ready = 1U << queue;
    info.evtchn_upcall_pending = 1;
  }

  alignas(abi::page_size) std::array<abi::Event_word, abi::fifo_words_per_page> page{};
  std::array<abi::Event_word*, 1> directory{};
  guest::Fifo_array<> array{directory};
  abi::Vcpu_info info{};
  abi::Evtchn_fifo_control_block block{};
  guest::Fifo_consumer<> consumer{info, block};
};

template <typename Queue>
void take_all(benchmark::State& state) {
  const auto abi = std::make_unique<Queue>();
  const auto count = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) {
    abi->send(count);
    const auto drained = abi->consumer.drain(abi->array, [](Port port) { benchmark::DoNotOptimize(port); });
    if (!drained || drained->delivered != count) {
      state.SkipWithError("events were lost");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// As many ports, as far from each other as they can be.
struct Two_level {
  Two_level() {
    array.mask_all();
    for (std::uint32_t port = 1; port < abi::two_level_ports; ++port) {
      consumer.attend(Port{port});
      static_cast<void>(array.unmask(Port{port}));
    }
  }

  void send(std::uint32_t count) {
    const std::uint32_t apart = abi::two_level_ports / (count + 1);
    for (std::uint32_t index = 1; index <= count; ++index) {
      const std::uint32_t port = index * apart;
      const std::uint32_t word = port / abi::two_level_bits_per_word;
      shared.evtchn_pending[word] |= std::uint64_t{1} << port % abi::two_level_bits_per_word;
      info.evtchn_pending_sel |= std::uint64_t{1} << word;
    }
    info.evtchn_upcall_pending = 1;
  }

  abi::Shared_info shared{};
  guest::Two_level_array<> array{shared};
  abi::Vcpu_info info{};
  guest::Two_level_consumer<> consumer{info};
};

template <typename Queue>
void mask_and_unmask(benchmark::State& state) {
  const auto abi = std::make_unique<Queue>();
  for (auto _ : state) {
    abi->array.mask(Port{5});
    benchmark::DoNotOptimize(abi->array.unmask(Port{5}));
  }
}

void take_from_fifo(benchmark::State& state) {
  take_all<Fifo>(state);
}
void take_from_two_level(benchmark::State& state) {
  take_all<Two_level>(state);
}
void mask_and_unmask_in_fifo(benchmark::State& state) {
  mask_and_unmask<Fifo>(state);
}
void mask_and_unmask_in_two_level(benchmark::State& state) {
  mask_and_unmask<Two_level>(state);
}

BENCHMARK(take_from_fifo)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(take_from_two_level)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);
BENCHMARK(mask_and_unmask_in_fifo);
BENCHMARK(mask_and_unmask_in_two_level);

}  // namespace
}  // namespace enlighten::bench
