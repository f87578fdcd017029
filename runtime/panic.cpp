// SPDX-License-Identifier: MIT
// Reports a panic or an unexpected exception: registers, the syndrome in words, the chain of callers.
#include <runtime/panic.hpp>

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include <arch/exception_frame.hpp>
#include <arch/exception_syndrome.hpp>
#include <arch/processor.hpp>
#include <arch/start.hpp>
#include <guest/cpu_local.hpp>
#include <report/record.hpp>
#include <runtime/clock.hpp>
#include <runtime/console.hpp>
#include <runtime/memory.hpp>
#include <runtime/power.hpp>

namespace enlighten::runtime {
namespace {

using namespace std::string_view_literals;

constexpr unsigned most_frames = 24;

// How many CPUs have begun a report and how many have ended one: the last one shuts the guest down.
constinit std::atomic<std::uint32_t> begun{0};
constinit std::atomic<std::uint32_t> ended{0};
// The CPU whose report is being written, index + 1.
constinit std::atomic<std::uint32_t> reporter{0};

[[gnu::format(printf, 1, 2)]] void write(const char* format, ...) noexcept {
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

[[nodiscard]] bool readable(std::uint64_t address) noexcept {
  const arch::Image_layout image = arch::image_layout();
  const guest::Memory_range heap = memory().heap();
  const bool in_data = address >= image.data && address + sizeof(arch::Frame_record) <= image.end;
  const bool in_heap = address >= heap.base && address + sizeof(arch::Frame_record) <= heap.base + heap.size;
  return address % 8 == 0 && (in_data || in_heap) && !memory().stacks().guarded(address) &&
         !memory().stacks().guarded(address + sizeof(arch::Frame_record) - 1);
}

void write_place(unsigned number, std::uint64_t address) noexcept {
  const arch::Image_layout image = arch::image_layout();
  if (address >= image.text && address < image.constants) {
    write("  #%u pc=0x%llx image+0x%llx", number, static_cast<unsigned long long>(address),
          static_cast<unsigned long long>(address - image.text));
  } else {
    write("  #%u pc=0x%llx", number, static_cast<unsigned long long>(address));
  }
}

// Return addresses point behind the call: one less names the line of the call itself.
void backtrace(unsigned first, std::uint64_t frame) noexcept {
  for (unsigned number = first; number < most_frames && readable(frame); ++number) {
    const auto& record = *reinterpret_cast<const arch::Frame_record*>(frame);
    if (record.return_address == 0) {
      return;
    }
    write_place(number, record.return_address - 4);
    if (record.caller <= frame) {
      return;
    }
    frame = record.caller;
  }
}

[[nodiscard]] report::Record_line last_word(std::string_view reason) noexcept {
  return report::end_record(report::Verdict::crash, report::exit_code(report::Verdict::crash), reason);
}

void begin(const char* reason) noexcept {
  const guest::Cpu_local& self = guest::cpu_local();
  if (reporter.load(std::memory_order_relaxed) == self.cpu.value() + 1) {
    // The report itself failed: nothing more can be said from here.
    console().line_locked(last_word("panic within the report of a panic"sv).view());
    crash();
  }
  begun.fetch_add(1, std::memory_order_relaxed);
  console().lock();
  reporter.store(self.cpu.value() + 1, std::memory_order_relaxed);
  report::Record_line record{report::record_kind::panic};
  record.integer("cpu"sv, self.cpu.value()).integer("vcpu"sv, self.vcpu.value()).text("reason"sv, reason);
  console().line_locked(record.view());
}

[[noreturn]] void end() noexcept {
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
  last_word("panic"sv).write_to(console());
  crash();
}

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

void panic(const char* format, ...) noexcept {
  char reason[120];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  begin(reason);
  backtrace(0, reinterpret_cast<std::uint64_t>(__builtin_frame_address(0)));
  end();
}

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
  begin(reason.c_str());
  write("  esr 0x%08llx: %s", static_cast<unsigned long long>(frame.syndrome), syndrome.words().c_str());
  if (syndrome.has_address()) {
    write("  far 0x%016llx", static_cast<unsigned long long>(frame.fault_address));
  }
  write_registers(frame);
  write_place(0, frame.return_address);
  backtrace(1, frame.frame_pointer());
  end();
}

// Called by the vectors, on the exception stack.
extern "C" [[noreturn]] void enlighten_exception(const arch::Exception_frame* frame) {
  panic_in(*frame);
}

}  // namespace enlighten::runtime
