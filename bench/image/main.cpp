// SPDX-License-Identifier: MIT
// The program that `enlighten bench` counts the instructions of.
#include <chrono>

#include <runtime/log.hpp>
#include <runtime/number_argument.hpp>
#include <runtime/program.hpp>

#include <bench/mark.hpp>

#include "cases.hpp"
#include "co_check.hpp"

using namespace enlighten;
using runtime::Guest;

namespace {

runtime::Task<Result<>> run_cases(Guest& guest) {
  ENLIGHTEN_CO_CHECK(co_await bench::own_event(guest, 1, "own_event"));
  ENLIGHTEN_CO_CHECK(co_await bench::own_event(guest, 1000, "own_event_1000_ports"));
  ENLIGHTEN_CO_CHECK(co_await bench::storm(guest, 1, "storm_1"));
  ENLIGHTEN_CO_CHECK(co_await bench::storm(guest, 10, "storm_10"));
  ENLIGHTEN_CO_CHECK(co_await bench::storm(guest, 100, "storm_100"));
  ENLIGHTEN_CO_CHECK(co_await bench::storm(guest, 1000, "storm_1000"));
  if (guest.events().abi() == guest::Event_abi::fifo) {
    ENLIGHTEN_CO_CHECK(co_await bench::overtaking(guest));
  }
  ENLIGHTEN_CO_CHECK(co_await bench::operations(guest));
  ENLIGHTEN_CO_CHECK(co_await bench::timers(guest));
  if (guest.cpus() > 1) {
    ENLIGHTEN_CO_CHECK(co_await bench::ping_pong(guest));
    ENLIGHTEN_CO_CHECK(co_await bench::posting(guest));
    ENLIGHTEN_CO_CHECK(co_await bench::all_to_all(guest));
  }
  co_return Result<>{};
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  bench::begin("bring_up", 1);
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return 1;
  }
  bench::end("bring_up", 1);
  bench::reached("online");
  if (guest.argument("cases") == "no") {
    co_return 0;
  }
  // Each seed finds Xen's timers somewhere else.
  const auto seed = runtime::number_argument(guest, "seed", std::uint64_t{0});
  co_await runtime::this_vcpu().executor().sleep_for(std::chrono::microseconds{seed * 17});
  if (const Result<> ran = co_await run_cases(guest); !ran) {
    runtime::log(ran.error());
    co_return 1;
  }
  co_return 0;
}
