// SPDX-License-Identifier: MIT
// Random programs as an image: what real Xen answers to them.
//
// Boot arguments: those of a request (<conformance/differential/session.hpp>).
#include <conformance/differential/session.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

#include "machine.hpp"

namespace {

using namespace enlighten;
namespace differential = conformance::differential;

// A vCPU that works until the end, in the place of its executor.
struct Duty : runtime::Work {
  differential::Workers* workers = nullptr;
  std::uint32_t vcpu = 0;
};

[[nodiscard]] const char* missing(const runtime::Guest& guest) noexcept {
  if (!guest.xen_domain()) {
    return "not on Xen";
  }
  if (guest.cpus() < differential::all_vcpus) {
    return "the programs need 6 vCPUs";
  }
  return guest.map().id(Cpu{0}) == Vcpu_id{0} ? nullptr : "the boot CPU is not vCPU 0";
}

[[nodiscard]] std::optional<differential::Request> request_of(const runtime::Guest& guest) noexcept {
  differential::Request request;
  for (const std::string_view word : differential::request_words) {
    const std::optional<std::string_view> value = guest.argument(word);
    if (value && !set(request, word, *value)) {
      runtime::log("differential: ", word, "=", *value, " cannot be");
      return std::nullopt;
    }
  }
  return request;
}

}  // namespace

runtime::Task<int> guest_main(runtime::Guest& guest) {
  if (const char* const what = missing(guest); what != nullptr) {
    runtime::log("differential: ", what);
    co_return report::exit_code(report::Verdict::skip);
  }
  guest::Range_walk regions = guest.tree().extended_regions();
  const auto region = regions.next();
  const std::optional<differential::Request> request = request_of(guest);
  if (!region || !*region || !request) {
    co_return report::exit_code(report::Verdict::error);
  }
  conformance::Image_machine machine{guest, **region};
  differential::Workers workers;
  Duty duties[differential::working_vcpus];
  differential::Setting setting{.machine = machine, .workers = workers, .vcpu_infos = {}};
  for (std::uint32_t vcpu = 0; vcpu != differential::working_vcpus; ++vcpu) {
    setting.vcpu_infos[vcpu] = &guest.vcpu_info(Cpu{vcpu});
    if (vcpu == 0) {
      continue;
    }
    if (const Result<> started = guest.start(Cpu{vcpu}); !started) {
      runtime::log("differential: ", started.error());
      co_return report::exit_code(report::Verdict::error);
    }
    Duty& duty = duties[vcpu];
    duty.workers = &workers;
    duty.vcpu = vcpu;
    duty.run = [](runtime::Work& work) {
      const Duty& mine = static_cast<Duty&>(work);
      mine.workers->serve(mine.vcpu);
    };
    guest.vcpu(Cpu{vcpu}).post(duty);
    workers.wait_for(vcpu);
  }
  // The programs meet a domain at 2-level, and nobody but they binds ports from here on.
  if (const Result<> reset = guest.events().reset(); !reset) {
    runtime::log("differential: ", reset.error());
    co_return report::exit_code(report::Verdict::error);
  }
  co_return report::exit_code(differential::run(setting, runtime::console(), *request));
}
