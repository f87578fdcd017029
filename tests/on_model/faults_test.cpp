// SPDX-License-Identifier: MIT
// What is legal and rare: each fault happens, breaks a guest that trusts its luck, and not one of guest/'s parts.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <abi/frame.hpp>
#include <abi/psci.hpp>
#include <arch/processor.hpp>
#include <arch/psci.hpp>
#include <model/affinity.hpp>

#include "bare_guest.hpp"
#include "calls.hpp"
#include "programs.hpp"

namespace enlighten::on_model {
namespace {

using model_machine::Faults;
using model_machine::Model_vcpu;
using model_machine::Outcome;

constexpr std::uint64_t entry = 0x4000;
constexpr std::uint64_t seeds = 40;

arch::Psci psci{arch::Conduit::hvc};

class Faults_on_model : public testing::TestWithParam<const char*> {
 protected:
  // How many of some guests, each with its seed, came to a good end.
  static std::uint64_t count_well(Bare_options options, const Bare_body& body) {
    std::uint64_t well = 0;
    options.schedule = GetParam();
    for (options.seed = 1; options.seed <= seeds; ++options.seed) {
      options.faults.seed = options.seed;
      well += run_bare(options, body).outcome == Outcome::done ? 1U : 0U;
    }
    return well;
  }

  static void expect_guests_stay_calm(const Faults& faults) {
    for (std::uint64_t seed = 1; seed <= seeds / 2; ++seed) {
      Guest_options options{.vcpus = 4, .faults = faults};
      options.faults.seed = seed;
      const Ending ending =
          seed % 2 == 0 ? storm(options, GetParam(), seed, 2) : turn_off_and_on(options, GetParam(), seed, 3);
      ASSERT_TRUE(ending.calm) << "seed " << seed << ": " << words(ending.outcome) << "\n" << ending.story;
    }
  }
};

// Sends itself an event, and takes the interrupt for there at once.
TEST_P(Faults_on_model, late_upcalls_break_a_guest_that_does_not_wait) {
  const Bare_body hasty = [](Model_vcpu& vcpu, std::uint64_t) {
    abi::Evtchn_bind_ipi ipi{.vcpu = Vcpu_id{0}};
    static_cast<void>(event_channel_op(abi::Event_channel_op::bind_ipi, ipi));
    abi::Evtchn_send send{.port = ipi.port};
    static_cast<void>(event_channel_op(abi::Event_channel_op::send, send));
    if (!vcpu.acknowledge_upcall()) {
      vcpu.domain().blame_guest("no interrupt");
    }
  };
  EXPECT_EQ(count_well({}, hasty), seeds);
  const std::uint64_t well = count_well({.faults = {.late_upcalls = 500}}, hasty);
  EXPECT_GT(well, 0U);
  EXPECT_LT(well, seeds);
  expect_guests_stay_calm({.late_upcalls = 500});
}

// Turns a vCPU on, gives it some time, and takes it for running.
TEST_P(Faults_on_model, late_vcpus_break_a_guest_that_counts_instead_of_waiting) {
  std::atomic<bool> came{false};
  const Bare_body hasty = [&](Model_vcpu& vcpu, std::uint64_t) {
    if (vcpu.id() != Vcpu_id{0}) {
      came = true;
      return;
    }
    came = false;
    static_cast<void>(psci.cpu_on(model::affinity_of(Vcpu_id{1}), entry, 0));
    for (int turn = 0; turn < 100 && !came; ++turn) {
      vcpu.relax();
    }
    if (!came) {
      vcpu.domain().blame_guest("it has not come");
    }
  };
  const std::uint64_t well = count_well({.vcpus = 2, .faults = {.late_vcpus = 500}}, hasty);
  EXPECT_GT(well, 0U);
  EXPECT_LT(well, seeds);
  expect_guests_stay_calm({.late_vcpus = 500});
}

TEST_P(Faults_on_model, a_vcpu_that_never_begins_is_told_and_not_waited_for_without_an_end) {
  std::uint64_t told = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Ending ending = storm({.vcpus = 4, .faults = {.seed = seed, .absent_vcpus = 300}}, GetParam(), seed, 1);
    const bool says_so =
        ending.outcome == Outcome::blamed && ending.story.find("has not come up") != std::string::npos;
    ASSERT_TRUE(ending.calm || says_so) << "seed " << seed << ": " << words(ending.outcome) << "\n" << ending.story;
    told += says_so ? 1U : 0U;
  }
  EXPECT_GT(told, 0U);
  EXPECT_LT(told, seeds);
}

// Finds itself by the context it was given, which CPU_ON can lose where it meets CPU_OFF.
TEST_P(Faults_on_model, lingering_vcpus_break_a_guest_that_trusts_its_context) {
  static constexpr std::uint64_t given = 77;
  std::atomic<int> lives{0};
  const Bare_body trusting = [&](Model_vcpu& vcpu, std::uint64_t context) {
    if (vcpu.id() != Vcpu_id{0}) {
      if (context != given) {
        vcpu.domain().blame_guest("not the context it was given");
      }
      ++lives;
      static_cast<void>(psci.cpu_off());
    }
    lives = 0;
    for (int life = 0; life < 4; ++life) {
      static_cast<void>(psci.cpu_on(model::affinity_of(Vcpu_id{1}), entry, given));
      while (lives == life || psci.cpu_power(model::affinity_of(Vcpu_id{1})) != arch::Cpu_power::off) {
        vcpu.relax();
      }
    }
  };
  const std::uint64_t well = count_well({.vcpus = 2, .faults = {.lingering_vcpus = 300}}, trusting);
  EXPECT_GT(well, 0U);
  EXPECT_LT(well, seeds);
  EXPECT_EQ(
      count_well(
          {.vcpus = 2, .xen = {.quirks = {.cpu_on_meets_cpu_off = false}}, .faults = {.lingering_vcpus = 1000}},
          trusting),
      seeds)
      << "as PSCI has it";
  expect_guests_stay_calm({.lingering_vcpus = 1000});
}

// Gives pages back by a list of which another vCPU changes the first and the last entry: only a call that was left
// in between, and taken up again, finds the old first and the new last.
TEST_P(Faults_on_model, preemption_makes_xen_read_the_rest_of_a_list_anew) {
  std::vector<abi::Gfn> list(8, abi::no_frame);
  const Bare_body body = [&](Model_vcpu& vcpu, std::uint64_t) {
    model::Domain& domain = vcpu.domain();
    const auto page = [&](std::uint64_t number) {
      return abi::gfn_of(domain.ram_base() + number * abi::page_size);
    };
    if (vcpu.id() != Vcpu_id{0}) {
      list.front() = page(40);
      list.back() = page(41);
      return;
    }
    for (std::uint64_t index = 0; index < list.size(); ++index) {
      list[index] = page(16 + index);
    }
    static_cast<void>(psci.cpu_on(model::affinity_of(Vcpu_id{1}), entry, 0));
    abi::Xen_memory_reservation all{.extent_start = abi::Guest_handle<abi::Gfn>{list.data()},
                                    .nr_extents = list.size(),
                                    .domid = abi::domain_self};
    if (memory_op(abi::Memory_op::decrease_reservation, all) != static_cast<std::int64_t>(list.size())) {
      domain.blame_guest("not all pages are gone");
    }
    if (!domain.machine_frame(page(16)) && !domain.machine_frame(page(41))) {
      domain.blame_guest("the list changed under the call");
    }
  };
  EXPECT_EQ(count_well({.vcpus = 2}, body), seeds);
  const std::uint64_t well = count_well({.vcpus = 2, .faults = {.preemptions = 500}}, body);
  EXPECT_GT(well, 0U);
  EXPECT_LT(well, seeds);
  expect_guests_stay_calm({.preemptions = 500});
}

INSTANTIATE_TEST_SUITE_P(Either_schedule, Faults_on_model, testing::Values("random", "priority"),
                         [](const auto& parameters) { return std::string{parameters.param}; });

}  // namespace
}  // namespace enlighten::on_model
