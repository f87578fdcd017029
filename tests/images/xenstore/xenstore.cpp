// SPDX-License-Identifier: MIT
// xenstore from a domain that a toolstack has made: each operation, and many at once on all vCPUs.
//
// Promised: by xenstored, a reply to each request, a watch's first event unasked for, and that a transaction which
// others have interfered with is refused with EAGAIN; by the product, that each coroutine gets its own answer on
// its own vCPU, that transactions are tried again, and that whoever waits for changes in a loop has seen the last.
// Would go wrong: replies matched to others' requests, a message that is torn as the ring wraps, an event that is
// slept over, a wait that has no end because xenstored has.
#include "xenstore.hpp"

#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/number_argument.hpp>
#include <runtime/program.hpp>

using namespace xenstore;

namespace {

Task<> all_cases(Test& test) {
  co_await who_we_are(test);
  co_await nodes(test);
  co_await refusals(test);
  co_await permissions(test);
  co_await quota(test);
  co_await watch(test);
  co_await transaction_that_fails(test);
  co_await crowd(test);
  co_await counting(test);
  co_await against_rival(test);
}

}  // namespace

enlighten::runtime::Task<int> guest_main(enlighten::runtime::Guest& guest) {
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return report::exit_code(report::Verdict::error);
  }
  const Result<Store*> store = Store::open(guest);
  if (!store) {
    runtime::log(store.error());
    co_return report::exit_code(report::Verdict::error);
  }
  report::Ktap ktap{runtime::console()};
  Test test{.guest = guest,
            .ktap = ktap,
            .store = **store,
            .operations = runtime::number_argument<std::uint64_t>(guest, "operations", 10'000),
            .has_rival = guest.argument("rival").has_value()};
  if (guest.argument("storm")) {
    co_await storm(test);
  } else if (guest.argument("outage")) {
    co_await outage(test);
  } else {
    co_await all_cases(test);
  }
  const guest::Xenstore::Dropped dropped = test.store.dropped();
  runtime::log("connections=", test.store.connections(), " late=", dropped.late, " unasked=", dropped.unasked,
               " malformed=", dropped.malformed);
  co_return report::exit_code(ktap.finish());
}
