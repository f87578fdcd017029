// SPDX-License-Identifier: MIT
// What arch::cpu_local() points to on every CPU that uses this folder: who this is, and what it has asked of Xen.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <arch/exception_stack.hpp>
#include <arch/processor.hpp>
#include <base/ids.hpp>

namespace enlighten::guest {

// What a call to the hypervisor or the firmware is counted as.
enum class Call : std::uint8_t {
  xen_version,
  memory_op,
  console_io,
  vcpu_op,
  sched_op,
  hvm_op,
  grant_table_op,
  event_init_control,
  event_expand_array,
  event_bind,
  event_send,
  event_other,
  psci_cpu_on,
  psci_other,
};
inline constexpr std::size_t call_kinds = 14;

[[nodiscard]] constexpr const char* name(Call call) noexcept {
  constexpr const char* names[call_kinds] = {
      "xen_version",  "memory_op",    "console_io", "vcpu_op",    "sched_op",    "hvm_op",      "grant_table_op",
      "init_control", "expand_array", "event_bind", "event_send", "event_other", "psci_cpu_on", "psci_other"};
  return names[static_cast<std::size_t>(call)];
}

// Written by its own CPU only; another may read while it counts, and then sees each number as of some moment.
class Call_counts {
 public:
  void count(Call call) noexcept {
    auto& counter = counters_[static_cast<std::size_t>(call)];
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  // What was counted before this CPU had its place.
  void add(const Call_counts& earlier) noexcept {
    for (std::size_t kind = 0; kind < call_kinds; ++kind) {
      counters_[kind].store(counters_[kind].load(std::memory_order_relaxed) + earlier[static_cast<Call>(kind)],
                            std::memory_order_relaxed);
    }
  }
  [[nodiscard]] std::uint32_t operator[](Call call) const noexcept {
    return counters_[static_cast<std::size_t>(call)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<std::uint32_t>, call_kinds> counters_{};
};

class Trace;

// The vectors take their stack from the head.
struct Cpu_local : arch::Exception_stack {
  Cpu cpu{0};
  Vcpu_id vcpu{0};
  Call_counts calls;
  Trace* trace = nullptr;  // what this CPU records into from its start on, if anything
};

[[nodiscard]] inline Cpu_local& cpu_local() noexcept {
  return *static_cast<Cpu_local*>(arch::cpu_local());
}

}  // namespace enlighten::guest
