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
};

// Draws for one schedule, or for one vCPU where each is a thread.
class Fault_source {
 public:
  Fault_source(const Faults& faults, std::uint64_t seed) : faults_{faults}, random_{seed} {}

  [[nodiscard]] const Faults& faults() const noexcept { return faults_; }
  [[nodiscard]] bool happens(std::uint32_t in_a_thousand);
  // One of 0..count-1.
  [[nodiscard]] std::uint64_t any_of(std::uint64_t count) { return random_() % count; }
  // What Xen refuses that call with, if it does.
  [[nodiscard]] std::optional<abi::Errno> refuse(abi::Hypercall call, std::uint32_t operation);

 private:
  Faults faults_;
  std::mt19937_64 random_;
};

}  // namespace enlighten::model_machine
