// SPDX-License-Identifier: MIT
// Work posted to an executor and run there.
#include <array>
#include <cstdint>

#include <benchmark/benchmark.h>

#include <runtime/executor.hpp>

namespace enlighten::bench {
namespace {

struct Errand : runtime::Work {
  Errand() {
    run = [](runtime::Work& work) { ++static_cast<Errand&>(work).runs; };
  }
  std::int64_t runs = 0;
};

void post_and_run(benchmark::State& state) {
  runtime::Executor executor;
  std::array<Errand, 16> errands;
  for (auto _ : state) {
    for (Errand& errand : errands) {
      executor.post(errand);
    }
    executor.run_once();
  }
  for (const Errand& errand : errands) {
    if (errand.runs != static_cast<std::int64_t>(state.iterations())) {
      state.SkipWithError("work was lost");
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(errands.size()));
}

BENCHMARK(post_and_run);

}  // namespace
}  // namespace enlighten::bench
