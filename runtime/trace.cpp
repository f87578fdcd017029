// SPDX-License-Identifier: MIT
// Tracing of the whole guest: rings at boot, what they hold as lines at the end, and the last of it in a panic.
#include <runtime/trace.hpp>

#include <atomic>
#include <bit>
#include <charconv>
#include <new>
#include <string_view>

#include <arch/counter.hpp>
#include <arch/start.hpp>
#include <base/rounding.hpp>
#include <report/record.hpp>
#include <report/trace_line.hpp>
#include <runtime/clock.hpp>
#include <runtime/console.hpp>
#include <runtime/guest.hpp>
#include <runtime/log.hpp>
#include <runtime/memory.hpp>
#include <runtime/power.hpp>
#include <runtime/steps.hpp>

#include "crash_report.hpp"

namespace enlighten::runtime {
namespace {

using namespace std::string_view_literals;
using guest::Trace;

[[nodiscard]] Result<> make_rings(Guest& guest, std::string_view wanted) noexcept {
  std::uint32_t entries = 0;
  const char* const end = wanted.data() + wanted.size();
  const auto [rest, error] = std::from_chars(wanted.data(), end, entries);
  if (error != std::errc{} || rest != end || entries < fewest_trace_entries || entries > most_trace_entries) {
    return Error::make(Error_kind::argument, "bootargs: trace=%.*s is not a number from %u to %u",
                       static_cast<int>(wanted.size()), wanted.data(), static_cast<unsigned>(fewest_trace_entries),
                       static_cast<unsigned>(most_trace_entries));
  }
  const auto order = static_cast<unsigned>(std::bit_width(entries - 1));
  const std::uint64_t bytes = sizeof(Trace) + (sizeof(Trace::Slot) << order);
  for (std::uint32_t index = 0; index < guest.cpus(); ++index) {
    const auto pages = memory().allocate_pages(round_up(bytes, Memory::page_size) / Memory::page_size);
    if (!pages) {
      return Error::make(Error_kind::out_of_memory, "memory: no room for a trace of %u entries on %u CPUs",
                         static_cast<unsigned>(entries), static_cast<unsigned>(guest.cpus()));
    }
    // Pages are zeroed, which is what atomic numbers begin as.
    auto* const slots = reinterpret_cast<Trace::Slot*>(*pages);
    guest.vcpu(Cpu{index}).trace = new (slots + (std::size_t{1} << order)) Trace{slots, order};
  }
  return {};
}

void write_head(Guest& guest) noexcept {
  report::Line steps;
  for (const char* const step : Steps::names) {
    steps.text(steps.length() == 0 ? ""sv : ","sv).text(step);
  }
  report::Record_line head{report::record_kind::trace_guest};
  head.integer("cpus"sv, guest.cpus()).integer("hertz"sv, counter_hertz());
  if (const auto upcall = guest.upcall_interrupt()) {
    head.integer("upcall"sv, upcall->value());
  }
  head.integer("timer"sv, guest.timer_interrupt().value()).text("steps"sv, steps.view()).write_to(console());
}

// Returns how many lines it took.
std::uint64_t write_ring(Cpu cpu, const Trace& trace) noexcept {
  const std::uint64_t end = trace.recorded();
  if (end == 0) {
    return 0;
  }
  report::Record_line{report::record_kind::trace_cpu}
      .integer("cpu"sv, cpu.value())
      .integer("recorded"sv, end)
      .integer("first"sv, trace.first_of(end))
      .write_to(console());
  report::Trace_lines lines{console(), cpu.value()};
  for (std::uint64_t index = trace.first_of(end); index < end; ++index) {
    if (const auto entry = trace.read(index)) {
      lines.add(index, *entry);
    }
  }
  lines.flush();
  return lines.lines();
}

[[nodiscard]] std::uint32_t offset_in_image(std::uint64_t address) noexcept {
  return static_cast<std::uint32_t>(address - arch::image_layout().text);
}

void write_last(const Trace& trace, Cpu cpu, std::uint64_t now) noexcept {
  const std::uint64_t end = trace.recorded();
  const std::uint64_t first = end > trace_entries_in_panic ? end - trace_entries_in_panic : 0;
  if (end != 0) {
    crash_report::write("trace of cpu %u, the last %u of %llu entries, in microseconds before this panic:",
                        static_cast<unsigned>(cpu.value()), static_cast<unsigned>(end - first),
                        static_cast<unsigned long long>(end));
  }
  for (std::uint64_t index = first; index < end; ++index) {
    // A CPU that goes on may have passed this moment, or written over what was here.
    if (const auto entry = trace.read(index); entry && entry->count <= now) {
      const std::uint64_t before = (now - entry->count) * 1'000'000 / counter_hertz();
      crash_report::write("  %9llu  %s a=0x%x b=0x%x", static_cast<unsigned long long>(before),
                          name(entry->kind).data(), static_cast<unsigned>(entry->a),
                          static_cast<unsigned>(entry->b));
    }
  }
}

// Null where nothing is recorded; then this CPU may not even have its record yet.
[[nodiscard]] Guest* traced_guest() noexcept {
  return guest::cpu_local().trace == nullptr ? nullptr : &this_vcpu().guest();
}

}  // namespace

extern "C" {

void enlighten_trace_start(Guest& guest) noexcept {
  const std::optional<std::string_view> wanted = guest.argument("trace");
  if (!wanted) {
    return;
  }
  if (const Result<> made = make_rings(guest, *wanted); !made) {
    log("cannot start: ", made.error());
    finish(report::Verdict::error, report::exit_code(report::Verdict::error), made.error().text());
  }
  arch::set_cpu_trace(guest.vcpu(Cpu{0}).trace);
}

void enlighten_trace_write() noexcept {
  Guest* const guest = traced_guest();
  if (guest == nullptr) {
    return;
  }
  // Two CPUs may end the guest at once, or one by a panic while it ends.
  static constinit std::atomic<bool> written{false};
  if (written.exchange(true, std::memory_order_relaxed)) {
    return;
  }
  arch::set_cpu_trace(nullptr);
  write_head(*guest);
  std::uint64_t lines = 0;
  for (std::uint32_t index = 0; index < guest->cpus(); ++index) {
    lines += write_ring(Cpu{index}, *guest->vcpu(Cpu{index}).trace);
  }
  report::Record_line{report::record_kind::trace_end}.integer("lines"sv, lines).write_to(console());
}

void enlighten_trace_write_last() noexcept {
  if (Guest* const guest = traced_guest(); guest != nullptr) {
    const std::uint64_t now = arch::counter();
    for (std::uint32_t index = 0; index < guest->cpus(); ++index) {
      write_last(*guest->vcpu(Cpu{index}).trace, Cpu{index}, now);
    }
  }
}

void enlighten_trace_work(const Work& work) noexcept {
  if (work.run == Resume::resume) {
    enlighten_trace_coroutine(static_cast<const Resume&>(work).waiter.address());
  } else {
    guest::trace(Trace_kind::task_begin, offset_in_image(reinterpret_cast<std::uintptr_t>(work.run)));
  }
}

// The function that goes on is what a coroutine's frame begins with, in every compiler's.
void enlighten_trace_coroutine(const void* frame) noexcept {
  guest::trace(Trace_kind::task_begin, offset_in_image(*static_cast<const std::uintptr_t*>(frame)));
}

}  // extern "C"

}  // namespace enlighten::runtime
