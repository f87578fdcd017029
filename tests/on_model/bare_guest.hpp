// SPDX-License-Identifier: MIT
// A guest that is a function: what each of its vCPUs does, with nothing of guest/ beneath it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <model/xen.hpp>
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::on_model {

struct Bare_options {
  const char* schedule = "random";
  std::uint64_t seed = 1;
  std::uint32_t vcpus = 1;
  model::Xen_options xen{};
  model_machine::Faults faults{};
};

struct Ran {
  model_machine::Outcome outcome;
  std::string story;
};

using Bare_body = std::function<void(model_machine::Model_vcpu& vcpu, std::uint64_t context)>;

// vCPU 0 boots.
[[nodiscard]] inline Ran run_bare(const Bare_options& options, const Bare_body& body) {
  const auto runner = model_machine::make_runner(
      options.schedule, options.seed,
      [&](model_machine::Model_vcpu& vcpu, const model::Vcpu_start& start) { body(vcpu, start.context); },
      options.faults);
  model::Xen xen{*runner, options.xen};
  model::Domain& domain = xen.create({.vcpus = options.vcpus});
  runner->start(domain, {Vcpu_id{0}, 0, 0});
  const model_machine::Outcome outcome = runner->run(200'000);
  return {outcome, runner->story()};
}

}  // namespace enlighten::on_model
