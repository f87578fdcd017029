// SPDX-License-Identifier: MIT
// Reports an exception that nobody expected: the syndrome in words, registers, the chain of callers.
#include <cstdint>

#include <arch/exception_frame.hpp>
#include <arch/exception_syndrome.hpp>
#include <runtime/memory.hpp>
#include <runtime/panic.hpp>

#include "crash_report.hpp"

namespace enlighten::runtime {
namespace {

using crash_report::write;

void write_registers(const arch::Exception_frame& frame) noexcept {
  write("  pc  %016llx  sp  %016llx  lr  %016llx  pstate %08llx",
        static_cast<unsigned long long>(frame.return_address), static_cast<unsigned long long>(frame.stack_pointer),
        static_cast<unsigned long long>(frame.link_register()), static_cast<unsigned long long>(frame.saved_state));
  for (unsigned first = 0; first < arch::Exception_frame::register_count - 1; first += 3) {
    write("  x%-2u %016llx  x%-2u %016llx  x%-2u %016llx", first, static_cast<unsigned long long>(frame.x[first]),
          first + 1, static_cast<unsigned long long>(frame.x[first + 1]), first + 2,
          static_cast<unsigned long long>(frame.x[first + 2]));
  }
}

}  // namespace

void panic_in(const arch::Exception_frame& frame) noexcept {
  const arch::Exception_syndrome syndrome{frame.syndrome};
  Message reason;
  const auto guarded = memory().stacks().guarded(frame.fault_address);
  if (guarded && syndrome.is_data_abort()) {
    reason.append("stack overflow: cpu %u ran into the guard page at 0x%llx below its stack",
                  static_cast<unsigned>(guarded->value()), static_cast<unsigned long long>(frame.fault_address));
  } else {
    reason.append("%s from %s", frame.kind(), frame.origin());
  }
  crash_report::begin(reason.c_str());
  write("  esr 0x%08llx: %s", static_cast<unsigned long long>(frame.syndrome), syndrome.words().c_str());
  if (syndrome.has_address()) {
    write("  far 0x%016llx", static_cast<unsigned long long>(frame.fault_address));
  }
  write_registers(frame);
  crash_report::write_place(0, frame.return_address);
  crash_report::write_callers(1, frame.frame_pointer());
  crash_report::end();
}

// Called by the vectors, on the exception stack.
extern "C" [[noreturn]] void enlighten_exception(const arch::Exception_frame* frame) {
  panic_in(*frame);
}

}  // namespace enlighten::runtime
