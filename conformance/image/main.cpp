// SPDX-License-Identifier: MIT
// The conformance suite as an image: what real Xen answers.
//
// Boot arguments: `subject=NAME` runs one subject, `silo=off` says that Xen was started with xsm=dummy.
// `side=first` and `side=second`, each together with `events=2l`, make the two domains of the cases for two.
#include <conformance/bench.hpp>
#include <conformance/peer.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

#include "machine.hpp"

namespace {

using namespace enlighten;

// What the cases take for granted, and an image may lack; null if it lacks nothing.
[[nodiscard]] const char* missing(const runtime::Guest& guest) noexcept {
  if (!guest.xen_domain()) {
    return "not on Xen";
  }
  if (guest.cpus() < 4) {
    return "the cases need 4 vCPUs";
  }
  return guest.map().id(Cpu{0}) == Vcpu_id{0} ? nullptr : "the boot CPU is not vCPU 0";
}

// One side of the cases for two. The static channels end with the first EVTCHNOP_reset, so there is none, and the
// runtime must have begun with 2-level.
[[nodiscard]] report::Verdict run_side(runtime::Guest& guest, conformance::Machine& machine,
                                       std::string_view side) {
  const bool first = side == "first";
  if ((!first && side != "second") || std::string_view{guest.event_abi()} != "2l") {
    runtime::log("conformance: side is first or second, together with events=2l");
    return report::Verdict::error;
  }
  return conformance::run_side(machine, first ? conformance::Side::first : conformance::Side::second,
                               runtime::console());
}

}  // namespace

runtime::Task<int> guest_main(runtime::Guest& guest) {
  if (const char* const what = missing(guest); what != nullptr) {
    runtime::log("conformance: ", what);
    co_return report::exit_code(report::Verdict::skip);
  }
  guest::Range_walk regions = guest.tree().extended_regions();
  const auto region = regions.next();
  if (!region || !*region) {
    runtime::log("conformance: Xen describes no extended region");
    co_return report::exit_code(report::Verdict::error);
  }
  conformance::Image_machine machine{guest, **region};
  if (const auto side = guest.argument("side")) {
    co_return report::exit_code(run_side(guest, machine, *side));
  }
  // The cases meet a domain at 2-level, and nobody but they binds ports from here on.
  if (const Result<> reset = guest.events().reset(); !reset) {
    runtime::log(reset.error().text());
    co_return report::exit_code(report::Verdict::error);
  }
  co_return report::exit_code(
      conformance::run(machine, runtime::console(), guest.argument("subject").value_or(std::string_view{})));
}
