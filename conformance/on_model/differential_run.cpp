// SPDX-License-Identifier: MIT
// A domain of the model whose vCPUs work, serve, or sleep.
#include "differential_run.hpp"

#include <conformance/calls.hpp>
#include <model/xen.hpp>
#include <model_machine/vcpu_runner.hpp>

#include "machine.hpp"

namespace enlighten::conformance {
namespace {

// The vCPUs, each in its place, until vCPU 0 has run all programs.
class Vcpus {
 public:
  Vcpus(model::Domain& domain, const differential::Request& request, report::Line_sink& output)
      : machine_{domain}, request_{request}, output_{output} {}

  void run(const model::Vcpu_start& start) {
    const std::uint32_t vcpu = start.vcpu.value();
    if (vcpu == 0) {
      begin();
    } else if (vcpu < differential::working_vcpus) {
      workers_.serve(vcpu);
    } else {
      machine_.sleep(start.vcpu, start.context);
    }
  }
  [[nodiscard]] report::Verdict verdict() const { return verdict_; }

 private:
  void begin() {
    constexpr std::uint64_t entry = 0x4000;
    if (!machine_.boot()) {
      return;
    }
    differential::Setting setting{.machine = machine_, .workers = workers_, .vcpu_infos = {&machine_.vcpu_info()}};
    for (std::uint32_t vcpu = 1; vcpu != differential::working_vcpus; ++vcpu) {
      auto* const info = static_cast<abi::Vcpu_info*>(machine_.page());
      abi::Vcpu_register_vcpu_info where{.mfn = frame_of(info), .offset = 0};
      static_cast<void>(vcpu_op(abi::Vcpu_op::register_vcpu_info, Vcpu_id{vcpu}, address_of(where)));
      static_cast<void>(firmware(abi::Psci_function::cpu_on_64, vcpu, entry, 0));
      setting.vcpu_infos[vcpu] = info;
      workers_.wait_for(vcpu);
    }
    verdict_ = differential::run(setting, output_, request_);
  }

  Model_machine machine_;
  const differential::Request& request_;
  report::Line_sink& output_;
  differential::Workers workers_;
  report::Verdict verdict_ = report::Verdict::crash;
};

}  // namespace

report::Verdict run_on_model(const differential::Request& request, const model::Xen_options& options,
                             std::uint64_t order, report::Line_sink& output) {
  constexpr std::uint64_t most_steps = 1'000'000'000;
  Vcpus* vcpus = nullptr;
  const auto runner = model_machine::make_runner(
      "random", order, [&](model_machine::Model_vcpu&, const model::Vcpu_start& start) { vcpus->run(start); });
  model::Xen xen{*runner, options};
  model::Domain& domain = xen.create({.vcpus = differential::all_vcpus});
  // Programs do what a guest is blamed for.
  domain.set_checking(false);
  Vcpus all{domain, request, output};
  vcpus = &all;
  runner->start(domain, {Vcpu_id{0}, 0, 0});
  if (runner->run(most_steps) != model_machine::Outcome::done) {
    output.line(runner->story());
    return report::Verdict::crash;
  }
  return all.verdict();
}

}  // namespace enlighten::conformance
