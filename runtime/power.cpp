// SPDX-License-Identifier: MIT
// Ends the guest by Xen or, without Xen, by the firmware.
#include <runtime/power.hpp>

#include <arch/processor.hpp>
#include <report/record.hpp>
#include <runtime/console.hpp>
#include <runtime/services.hpp>
#include <runtime/trace.hpp>

namespace enlighten::runtime {
namespace {

[[noreturn]] void end(abi::Shutdown_reason reason) noexcept {
  console().drain();
  const Services& services = the_services();
  if (services.xen.xen_domain()) {
    static_cast<void>(services.xen.shutdown(reason));
  } else if (services.psci) {
    static_cast<void>(reason == abi::Shutdown_reason::reboot ? services.psci->system_reset()
                                                             : services.psci->system_off());
  }
  // Nobody can end this machine; at least nothing more happens here.
  for (;;) {
    arch::wait_for_interrupt();
  }
}

}  // namespace

void finish(report::Verdict verdict, std::int64_t code, std::string_view reason) noexcept {
  enlighten_trace_write();
  report::end_record(verdict, code, reason).write_to(console());
  end(abi::Shutdown_reason::poweroff);
}

void power_off() noexcept {
  finish(report::Verdict::success, 0, "switched itself off");
}
void reboot() noexcept {
  enlighten_trace_write();
  report::end_record(report::Verdict::success, 0, "asked for a restart").write_to(console());
  end(abi::Shutdown_reason::reboot);
}
void crash() noexcept {
  end(abi::Shutdown_reason::crash);
}

}  // namespace enlighten::runtime
