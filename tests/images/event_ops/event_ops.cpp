// SPDX-License-Identifier: MIT
// Every operation on event channels that a domain may use, and every refusal.
//
// Promised: what [xen] event_channel.h says of each EVTCHNOP, with the errors Xen gives, which differ between its
// versions; and by the product, that an event is delivered once, on the vCPU its port is bound to. Done: each
// operation is used as it is meant to, and as it is not, on all vCPUs, under either event ABI. Would go wrong: a
// structure or an operation number that Xen reads differently, an event delivered twice, elsewhere or not at all, a
// port that is not given back.
#include "event_ops.hpp"

#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

enlighten::runtime::Task<int> guest_main(enlighten::runtime::Guest& guest) {
  using namespace event_ops;
  const Result<guest::Xen_version> xen = guest.xen().version();
  const Result<> started = guest.start_all();
  if (!xen || !started) {
    runtime::log(xen ? started.error() : xen.error());
    co_return report::exit_code(report::Verdict::error);
  }
  report::Ktap ktap{runtime::console()};
  Test test{guest, ktap, *xen};
  co_await ipis(test);
  co_await virqs(test);
  co_await loops(test);
  co_await moves(test);
  co_await masks(test);
  co_await closes(test);
  priorities(test);
  refusals(test);
  control_blocks(test);
  reset(test);
  co_return report::exit_code(ktap.finish());
}
