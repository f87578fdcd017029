// SPDX-License-Identifier: MIT
// On the model: what a step takes, and what a guest takes to read the device tree of its domain.
#include <cstdint>
#include <cstdlib>
#include <memory>

#include <benchmark/benchmark.h>

#include <guest/device_tree.hpp>
#include <model/domain_tree.hpp>
#include <model/xen.hpp>
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::bench {
namespace {

void call_for_ever(model_machine::Model_vcpu& vcpu, const model::Vcpu_start& /*start*/) {
  for (;;) {
    benchmark::DoNotOptimize(vcpu.hypercall(abi::Hypercall::xen_version, {}));
  }
}

// Of so many vCPUs that do nothing but call Xen, in an order that a seed decides.
void model_steps(benchmark::State& state) {
  constexpr std::uint64_t steps = 10'000;
  const auto runner = model_machine::make_runner("random", 1, call_for_ever);
  model::Xen xen{*runner, {}};
  model::Domain& domain = xen.create({.vcpus = static_cast<std::uint32_t>(state.range(0))});
  for (std::uint32_t vcpu = 0; vcpu < domain.vcpus(); ++vcpu) {
    runner->start(domain, {Vcpu_id{vcpu}, 0, 0});
  }
  for (auto _ : state) {
    if (runner->run(steps) != model_machine::Outcome::too_long) {
      state.SkipWithError("the vCPUs came to an end");
      break;
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(steps));
}

// All that the runtime asks as a guest boots.
void read_device_tree(benchmark::State& state) {
  const auto runner = model_machine::make_runner("random", 1, call_for_ever);
  model::Xen xen{*runner, {}};
  constexpr std::uint64_t pages = 0x8000;
  model::Domain& domain = xen.create({.vcpus = static_cast<std::uint32_t>(state.range(0)),
                                      .ram_pages = pages,
                                      .most_ram_pages = pages,
                                      .gic = model::Gic_version::v3});
  constexpr std::size_t room = std::size_t{2} << 20U;
  const auto* const blob = reinterpret_cast<const void*>(model::place_tree(domain, "one two=3"));
  for (auto _ : state) {
    const Result<guest::Device_tree> tree = guest::Device_tree::open(blob, room);
    std::int64_t cpus = 0;
    for (guest::Cpu_walk walk = tree->cpus(); *walk.next();) {
      ++cpus;
    }
    guest::Range_walk memory = tree->memory();
    benchmark::DoNotOptimize(memory.next());
    benchmark::DoNotOptimize(tree->psci());
    benchmark::DoNotOptimize(tree->hypervisor());
    benchmark::DoNotOptimize(tree->chosen());
    benchmark::DoNotOptimize(tree->timer());
    const auto gic = tree->gic();
    if (!gic || cpus != state.range(0)) {
      state.SkipWithError("the tree was not read");
      break;
    }
  }
}

BENCHMARK(model_steps)->Arg(1)->Arg(8);
BENCHMARK(read_device_tree)->Arg(1)->Arg(8)->Arg(128);

}  // namespace
}  // namespace enlighten::bench
