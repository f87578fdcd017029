// SPDX-License-Identifier: MIT
// Brings every vCPU online, says who each is, and has all of them send events to all others.
#include <report/record.hpp>
#include <runtime/console.hpp>
#include <runtime/log.hpp>
#include <runtime/program.hpp>

#include "exchange.hpp"

using namespace enlighten;
using runtime::Guest;

namespace {

// What it cost to get here: calls of all CPUs together, and of the secondary that made most.
void report_cost(Guest& guest) {
  report::Count_lines counts{runtime::console()};
  std::uint32_t hypercalls = 0;
  for (std::size_t kind = 0; kind < guest::call_kinds; ++kind) {
    const auto call = static_cast<guest::Call>(kind);
    const std::uint32_t made = guest.calls(call);
    const bool firmware = call == guest::Call::psci_cpu_on || call == guest::Call::psci_other;
    hypercalls += firmware ? 0 : made;
    if (made != 0) {
      counts.add(guest::name(call), made);
    }
  }
  std::uint32_t most = 0;
  for (std::uint32_t index = 1; index < guest.cpus(); ++index) {
    // Its CPU_ON is somebody else's call, and what it asks of others is not for itself.
    std::uint32_t own = 1;
    for (std::size_t kind = 0; kind < guest::call_kinds; ++kind) {
      const auto call = static_cast<guest::Call>(kind);
      own += call == guest::Call::psci_cpu_on ? 0 : guest.vcpu(Cpu{index}).calls[call];
    }
    most = own > most ? own : most;
  }
  counts.add("hypercalls", hypercalls)
      .add("psci_calls", guest.calls(guest::Call::psci_cpu_on) + guest.calls(guest::Call::psci_other))
      .add("calls_per_secondary", most);
}

}  // namespace

runtime::Task<int> guest_main(Guest& guest) {
  if (const Result<> started = guest.start_all(); !started) {
    runtime::log(started.error());
    co_return 1;
  }
  report_cost(guest);
  for (std::uint32_t index = 0; index < guest.cpus(); ++index) {
    runtime::Vcpu& vcpu = guest.vcpu(Cpu{index});
    runtime::print("vcpu cpu=%u xen_vcpu=%u mpidr=0x%llx vcpu_info=0x%llx events=%s",
                   static_cast<unsigned>(vcpu.cpu.value()), static_cast<unsigned>(vcpu.vcpu.value()),
                   static_cast<unsigned long long>(vcpu.mpidr().value() | 0x80000000),
                   static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(&vcpu.info())),
                   guest.event_abi());
  }
  runtime::print("%u of %u vCPUs online", static_cast<unsigned>(guest.online()),
                 static_cast<unsigned>(guest.cpus()));
  co_return co_await exchange_events(guest);
}
