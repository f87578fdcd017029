// SPDX-License-Identifier: MIT
// A vCPU on its thread, from CPU_ON to CPU_OFF.
#pragma once

#include <sched.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csetjmp>
#include <cstdint>
#include <thread>

#include <model_machine/thread_processor.hpp>

namespace enlighten::model_machine {

enum class Doing : std::uint8_t { works, waits, spins, is_off, is_done, is_absent };

struct Thread_processor::Life {
  struct Step {
    const char* what = nullptr;
    const void* where = nullptr;
  };
  // Looks without a pause; after them the processor is for others.
  static constexpr std::uint64_t eager_looks = 64;
  static constexpr std::chrono::microseconds pause{20};

  Life(Model_vcpu& machine, const model::Vcpu_start& began, const Faults& faults, std::uint64_t seed)
      : vcpu{machine}, start{began}, source{faults, seed} {}

  // One look at what it waits for.
  void looked() {
    const std::uint64_t count = looks.load(std::memory_order_relaxed) + 1;
    looks.store(count, std::memory_order_relaxed);
    if (++looks_in_a_row < eager_looks) {
      sched_yield();
    } else {
      std::this_thread::sleep_for(pause);
    }
  }

  Model_vcpu& vcpu;
  model::Vcpu_start start;
  Fault_source source;
  std::thread thread;
  std::jmp_buf way_out;
  // Written by its thread, read by the one that watches.
  std::atomic<std::uint64_t> steps{0};
  std::atomic<std::uint64_t> looks{0};
  std::atomic<Doing> doing{Doing::works};
  std::atomic<const char*> waits_for{""};
  std::atomic<bool> has_left{false};
  // Its thread's own, until that has left.
  std::uint64_t looks_in_a_row = 0;
  bool in_xen = false;
  std::uint64_t begins = 0;  // when it does, after CPU_ON
  bool in_fault = false;
  Call_stack stack;  // where it was when the run came to nothing
  std::array<Step, 16> last_steps{};
};

}  // namespace enlighten::model_machine
