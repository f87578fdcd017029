// SPDX-License-Identifier: MIT
// One vCPU's way off and back, and everything that is on its way to it meanwhile.
#pragma once

#include <atomic>
#include <cstdint>

#include <arch/psci.hpp>
#include <guest/bound_port.hpp>
#include <runtime/guest.hpp>
#include <runtime/task.hpp>

#include "../support/case.hpp"
#include "../support/counter.hpp"

namespace hotplug_rounds {

using namespace enlighten;

// What is bound to one vCPU for the whole of the test, and how often each should have been heard of.
struct Subject {
  test::Counter ipi_events;
  guest::Bound_port ipi;
  std::uint32_t ipi_expected = 0;

  // A loop: what is sent into the one port comes out of the other. Both can move.
  test::Counter loop_events;
  guest::Bound_port loop_out;
  guest::Bound_port loop_in;
  std::uint32_t loop_expected = 0;

  struct Errand : runtime::Work {
    std::atomic<std::uint32_t> runs{0};
    std::atomic<std::uint32_t> cpu{0};  // that ran it last
  } errand;
  std::uint32_t errands_expected = 0;
};

// One for each claim, to be held against every round.
struct Claims {
  explicit Claims(report::Ktap& ktap) noexcept;

  test::Case off;
  test::Case moved;
  test::Case waits;
  test::Case back;
  test::Case works_on;

  [[nodiscard]] bool hold() const noexcept;
};

class Rounds {
 public:
  Rounds(runtime::Guest& guest, Subject* subjects, Claims& claims) noexcept
      : guest_{guest}, subjects_{subjects}, claims_{claims} {}

  [[nodiscard]] Result<> bind_ports() noexcept;

  // Turns `target` off and on, on behalf of another vCPU. Afterwards all is as it was, or a claim does not hold.
  runtime::Task<> run(Cpu asker, Cpu target) noexcept;
  // The same with nothing between off and on, so that Xen may still be at work on the one when it begins the other.
  runtime::Task<> run_in_haste(Cpu asker, Cpu target) noexcept;

 private:
  [[nodiscard]] guest::Ready_vcpu ready(Cpu cpu) const noexcept { return *guest_.ready(cpu); }

  [[nodiscard]] bool turn_off(Cpu target) noexcept;
  runtime::Task<> use_moved_port(Cpu asker, Subject& subject) noexcept;
  void send_to_nobody(Cpu target, Subject& subject) noexcept;
  runtime::Task<> find_what_waited(Cpu target, Subject& subject) noexcept;
  runtime::Task<> use_all_again(Cpu target, Subject& subject) noexcept;

  runtime::Guest& guest_;
  Subject* subjects_;
  Claims& claims_;
  arch::Psci psci_{arch::Conduit::hvc};
};

}  // namespace hotplug_rounds
