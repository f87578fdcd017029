// SPDX-License-Identifier: MIT
// The conformance suite as an image: what real Xen answers.
//
// Boot arguments: `subject=NAME` runs one subject, `silo=off` says that Xen was started with xsm=dummy.
#include <conformance/bench.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

#include "machine.hpp"

namespace {

using namespace enlighten;

// What the cases take for granted, and an image may lack; empty if it lacks nothing.
[[nodiscard]] const char* missing(const runtime::Guest& guest) noexcept {
  if (!guest.xen_domain()) {
    return "not on Xen";
  }
  if (guest.cpus() < 4) {
    return "the cases need 4 vCPUs";
  }
  return guest.map().id(Cpu{0}) == Vcpu_id{0} ? nullptr : "the boot CPU is not vCPU 0";
}

}  // namespace

runtime::Task<int> guest_main(runtime::Guest& guest) {
  if (const char* const what = missing(guest); what != nullptr) {
    runtime::log("conformance: ", what);
    co_return report::exit_code(report::Verdict::skip);
  }
  guest::Range_walk regions = guest.tree().extended_regions();
  const auto region = regions.next();
  // The cases meet a domain at 2-level, and nobody but they binds ports from here on.
  const Result<> reset = guest.events().reset();
  if (!region || !*region || !reset) {
    runtime::log(!reset ? reset.error().text() : "conformance: Xen describes no extended region");
    co_return report::exit_code(report::Verdict::error);
  }
  conformance::Image_machine machine{guest, **region};
  co_return report::exit_code(
      conformance::run(machine, runtime::console(), guest.argument("subject").value_or(std::string_view{})));
}
