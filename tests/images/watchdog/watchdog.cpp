// SPDX-License-Identifier: MIT
// Lives under two watchdogs of one second for three, and then hangs.
//
// Promised: by Xen, that a domain whose watchdog is not fed ends as SHUTDOWN_watchdog. Done: both are fed by the
// executor of vCPU 0; a third cannot be had; one is stopped; then a coroutine of vCPU 0 does not return. Would go
// wrong: the domain ends while it is alive, or lives on when it is not.
#include <report/verdict.hpp>
#include <runtime/clock.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>
#include <runtime/watchdog.hpp>

using namespace enlighten;

runtime::Task<int> guest_main(runtime::Guest& guest) {
  using std::chrono::seconds;
  Result<guest::Watchdog> one = guest::Watchdog::start(guest.xen(), seconds{1});
  Result<guest::Watchdog> other = guest::Watchdog::start(guest.xen(), seconds{1});
  if (!one || !other) {
    runtime::log(one ? other.error() : one.error());
    co_return report::exit_code(report::Verdict::error);
  }
  runtime::this_vcpu().executor().spawn(runtime::watch_over(*one));
  runtime::this_vcpu().executor().spawn(runtime::watch_over(*other));
  if (const auto third = guest::Watchdog::start(guest.xen(), seconds{1}); !third) {
    runtime::print("%s", third.error().text());
  }
  co_await runtime::this_vcpu().executor().sleep_for(seconds{3});
  if (const Result<> stopped = other->stop(); !stopped) {
    runtime::log(stopped.error());
    co_return report::exit_code(report::Verdict::failure);
  }
  runtime::print("alive after 3 s, and hanging from now on");
  const runtime::Instant end = runtime::Clock::now() + seconds{20};
  while (runtime::Clock::now() < end) {
  }
  runtime::print("alive 20 s later");
  co_return report::exit_code(report::Verdict::failure);
}
