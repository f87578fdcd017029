// SPDX-License-Identifier: MIT
// What is legal and rare, made to happen by a seed.
#pragma once

#include <cstdint>
#include <optional>
#include <random>

#include <abi/errno.hpp>
#include <abi/hypercall.hpp>

namespace enlighten::model_machine {

// How often in a thousand.
struct Faults {
  std::uint64_t seed = 1;
  std::uint32_t spurious_upcalls = 0;  // of steps
  std::uint32_t no_memory = 0;         // of calls that make Xen allocate something: ENOMEM
  bool no_fifo = false;                // EVTCHNOP_init_control is unknown
  std::uint32_t late_upcalls = 0;      // of upcalls: the interrupt comes some steps after evtchn_upcall_pending
  std::uint32_t preemptions = 0;       // of places where Xen may interrupt a call: others go on meanwhile
  std::uint32_t late_vcpus = 0;        // of CPU_ONs that succeed: the first instruction comes many steps later
  std::uint32_t absent_vcpus = 0;      // of CPU_ONs that succeed: it never comes
  std::uint32_t lingering_vcpus = 0;   // of CPU_ONs soon after CPU_OFF: that is still under way
};

// Draws for one schedule, or for one vCPU where each is a thread.
class Fault_source {
 public:
  Fault_source(const Faults& faults, std::uint64_t seed) : faults_{faults}, random_{seed} {}

  [[nodiscard]] const Faults& faults() const noexcept { return faults_; }
  [[nodiscard]] bool happens(std::uint32_t in_a_thousand);
  // Whether a step brings an upcall that announces nothing. So many and no more: they wake whom they reach, and it
  // would never be seen that nobody gets on.
  [[nodiscard]] bool brings_spurious_upcall();
  // One of 0..count-1.
  [[nodiscard]] std::uint64_t any_of(std::uint64_t count) { return random_() % count; }
  // A vCPU that has been turned on begins after so many nanoseconds; nothing: never.
  [[nodiscard]] std::optional<std::uint64_t> begins_after();
  [[nodiscard]] std::uint64_t upcall_delay();
  // What Xen refuses that call with, if it does.
  [[nodiscard]] std::optional<abi::Errno> refuse(abi::Hypercall call, std::uint32_t operation);

 private:
  Faults faults_;
  std::uint32_t spurious_upcalls_left_ = 1000;
  std::mt19937_64 random_;
};

}  // namespace enlighten::model_machine
