// SPDX-License-Identifier: MIT
// Ends in every way a guest can end, by the bootarg how=.
//
// Promised: a fault of the program's is reported with registers, the syndrome in words and a backtrace, and becomes
// SHUTDOWN_crash; what it returns becomes the verdict; a stack that overflows meets its guard page and says so; two
// vCPUs that panic at once do not garble each other. Would go wrong: a hang without a word, a report from a stack
// that is no more, a store to constants or a jump into data that works.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string_view>

#include <arch/processor.hpp>
#include <runtime/log.hpp>
#include <runtime/panic.hpp>
#include <runtime/power.hpp>
#include <runtime/program.hpp>

using namespace enlighten;
using runtime::Guest;
using runtime::Vcpu;
using runtime::Work;

namespace {

constexpr int some_constant = 42;

// Through volatile, or the compiler sees what is coming and leaves it out.
[[gnu::noinline]] void store_to(volatile int* address) {
  *address = 1;
}

void store_to_nothing() {
  volatile std::uintptr_t nowhere = 0;
  store_to(reinterpret_cast<volatile int*>(nowhere));
}

void store_to_constant() {
  volatile std::uintptr_t address = reinterpret_cast<std::uintptr_t>(&some_constant);
  store_to(reinterpret_cast<volatile int*>(address));
}

void run_data() {
  auto* const memory = static_cast<std::uint32_t*>(std::malloc(64));
  *memory = 0xd65f03c0;  // RET
  volatile std::uintptr_t address = reinterpret_cast<std::uintptr_t>(memory);
  reinterpret_cast<void (*)()>(address)();
}

[[gnu::noinline]] int without_end(volatile int* depth) {
  volatile int room[64] = {};
  room[0] = *depth;
  const int here = without_end(&room[0]) + 1;
  return here + room[0];
}

void overflow_stack() {
  volatile int depth = 0;
  runtime::print("%d", without_end(&depth));
}

void abort_program() {
  std::abort();
}

void hang() {
  for (;;) {
    arch::wait_for_interrupt();
  }
}

// Each of the two waits for the other before it panics.
std::atomic<int> ready_to_panic{0};
void panic_together() {
  ready_to_panic.fetch_add(1, std::memory_order_relaxed);
  while (ready_to_panic.load(std::memory_order_relaxed) != 2) {
    arch::relax();
  }
  runtime::panic("both at once, here cpu %u", static_cast<unsigned>(runtime::this_vcpu().cpu.value()));
}

struct Way {
  std::string_view name;
  void (*go)();
};
constexpr Way ways[] = {{"null", store_to_nothing},
                        {"constant", store_to_constant},
                        {"run_data", run_data},
                        {"stack", overflow_stack},
                        {"abort", abort_program},
                        {"hang", hang},
                        {"together", panic_together},
                        {"reboot", [] { runtime::reboot(); }},
                        {"power_off", [] { runtime::power_off(); }}};

struct Errand : Work {
  void (*go)();
};

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  const std::string_view how = guest.argument("how").value_or("");
  if (how.starts_with("return_")) {
    co_return how.back() - '0';
  }
  const auto* const way =
      std::find_if(std::begin(ways), std::end(ways), [&](const Way& one) { return one.name == how; });
  if (way == std::end(ways)) {
    runtime::log("how=", how, " is not known");
    co_return 4;
  }
  // on=N: on that CPU, else on the one that booted; `together` on both.
  const bool elsewhere = guest.argument("on").has_value();
  if (elsewhere) {
    if (const Result<> started = guest.start_all(); !started) {
      runtime::log(started.error());
      co_return 4;
    }
    static Errand errand;
    errand.go = way->go;
    errand.run = [](Work& work) { static_cast<Errand&>(work).go(); };
    guest.vcpu(Cpu{static_cast<std::uint32_t>(guest.argument("on")->front() - '0')}).post(errand);
  }
  if (!elsewhere || how == "together") {
    way->go();
  }
  co_await guest.vcpu(Cpu{0}).executor().sleep_for(std::chrono::seconds{60});
  co_return 1;
}
