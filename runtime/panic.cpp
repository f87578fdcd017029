// SPDX-License-Identifier: MIT
// Reports a panic: who, why, the chain of callers; and what every report of a crash consists of.
#include <runtime/panic.hpp>

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include <arch/processor.hpp>
#include <arch/start.hpp>
#include <guest/cpu_local.hpp>
#include <report/record.hpp>
#include <runtime/clock.hpp>
#include <runtime/console.hpp>
#include <runtime/power.hpp>
#include <runtime/trace.hpp>

#include "crash_report.hpp"

namespace enlighten::runtime {
namespace {

using namespace std::string_view_literals;

// How many CPUs have begun a report and how many have ended one: the last one shuts the guest down.
constinit std::atomic<std::uint32_t> begun{0};
constinit std::atomic<std::uint32_t> ended{0};
// The CPU whose report is being written, index + 1.
constinit std::atomic<std::uint32_t> reporter{0};

[[nodiscard]] report::Record_line last_word(std::string_view reason) noexcept {
  return report::end_record(report::Verdict::crash, report::exit_code(report::Verdict::crash), reason);
}

}  // namespace

void crash_report::begin(const char* reason) noexcept {
  const guest::Cpu_local& self = guest::cpu_local();
  if (reporter.load(std::memory_order_relaxed) == self.cpu.value() + 1) {
    // The report itself failed: nothing more can be said from here.
    console().line_locked(last_word("panic within the report of a panic"sv).view());
    crash();
  }
  // What the report does is of no interest, and would take the place of what led here.
  arch::set_cpu_trace(nullptr);
  begun.fetch_add(1, std::memory_order_relaxed);
  console().lock();
  reporter.store(self.cpu.value() + 1, std::memory_order_relaxed);
  report::Record_line record{report::record_kind::panic};
  record.integer("cpu"sv, self.cpu.value()).integer("vcpu"sv, self.vcpu.value()).text("reason"sv, reason);
  console().line_locked(record.view());
}

void crash_report::write(const char* format, ...) noexcept {
  char text[report::longest_line + 1];
  std::va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (length > 0) {
    const auto cut =
        static_cast<std::size_t>(length) < sizeof text ? static_cast<std::size_t>(length) : sizeof text - 1;
    console().line_locked({text, cut});
  }
}

void crash_report::write_place(unsigned number, std::uint64_t address) noexcept {
  const arch::Image_layout image = arch::image_layout();
  if (address >= image.text && address < image.constants) {
    write("  #%u pc=0x%llx image+0x%llx", number, static_cast<unsigned long long>(address),
          static_cast<unsigned long long>(address - image.text));
  } else {
    write("  #%u pc=0x%llx", number, static_cast<unsigned long long>(address));
  }
}

void crash_report::end() noexcept {
  enlighten_trace_write_last();
  reporter.store(0, std::memory_order_relaxed);
  ended.fetch_add(1, std::memory_order_relaxed);
  console().unlock();
  // Others may be waiting for the console with reports of their own: the first one done must not take the guest
  // away from under them. A vCPU that faults within its report crashes at once, so this comes to an end.
  const Instant patience = Clock::now() + std::chrono::seconds{2};
  while (ended.load(std::memory_order_relaxed) != begun.load(std::memory_order_relaxed) &&
         Clock::now() < patience) {
    arch::relax();
  }
  enlighten_trace_write();
  last_word("panic"sv).write_to(console());
  crash();
}

void panic(const char* format, ...) noexcept {
  char reason[120];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  crash_report::begin(reason);
  crash_report::write_callers(0, reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)));
  crash_report::end();
}

}  // namespace enlighten::runtime
