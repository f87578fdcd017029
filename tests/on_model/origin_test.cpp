// SPDX-License-Identifier: MIT
// The mistake this project comes from, made on purpose: a vCPU id that is asked for before the CPU has filled it
// in.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <string>

#include <abi/errno.hpp>
#include <abi/event_channel.hpp>
#include <arch/processor.hpp>
#include <arch/psci.hpp>
#include <model/xen.hpp>
#include <model_machine/fiber_processor.hpp>
#include <model_machine/schedule.hpp>

#include "calls.hpp"

namespace enlighten::on_model {
namespace {

using model_machine::Outcome;

constexpr std::uint32_t most_cpus = 8;

// A kernel as Linux was ([linux] drivers/xen/events/events_fifo.c): the CPU that boots prepares each other one, its
// control block with it, by the id in a table that the other one fills in when it runs.
class Old_kernel {
 public:
  enum class On_refusal : std::uint8_t { gives_up, goes_on };

  Old_kernel(std::uint32_t cpus, On_refusal on_refusal)
      : cpus_{cpus},
        on_refusal_{on_refusal},
        processor_{schedule_,
                   [this](model_machine::Model_vcpu& machine, const model::Vcpu_start& start) {
                     start.context == 0 ? boot(machine) : run_secondary(start.context);
                   }},
        xen_{processor_, {}},
        domain_{xen_.create({.vcpus = cpus})} {}

  Outcome run() {
    processor_.start(domain_, {Vcpu_id{0}, 0, 0});
    return processor_.run(100'000);
  }

  std::uint32_t came_up() const { return came_up_; }
  const std::string& refusal() const { return refusal_; }
  std::string story() const { return processor_.story(); }

 private:
  std::uint64_t page(std::uint64_t number) const { return domain_.ram_base() + number * abi::page_size; }

  std::int64_t init_control(std::uint32_t cpu) {
    abi::Evtchn_init_control argument{
        .control_gfn = abi::gfn_of(page(cpu)), .offset = 0, .vcpu = Vcpu_id{xen_vcpu_id_[cpu]}};
    return event_channel_op(abi::Event_channel_op::init_control, argument);
  }

  void boot(model_machine::Model_vcpu& machine) {
    static_cast<void>(init_control(0));
    abi::Evtchn_expand_array array{.array_gfn = abi::gfn_of(page(most_cpus))};
    static_cast<void>(event_channel_op(abi::Event_channel_op::expand_array, array));
    came_up_ = 1;
    for (std::uint32_t cpu = 1; cpu < cpus_; ++cpu) {
      if (const std::int64_t result = init_control(cpu); result != 0) {
        refusal_ = abi::errno_name(static_cast<abi::Errno>(-result));
        if (on_refusal_ == On_refusal::gives_up) {
          return;
        }
      }
      static_cast<void>(arch::Psci{arch::Conduit::hvc}.cpu_on(Mpidr{cpu}, 0x4000, cpu));
      while (came_up_ <= cpu) {
        machine.relax();
      }
      abi::Evtchn_bind_ipi ipi{.vcpu = Vcpu_id{xen_vcpu_id_[cpu]}};
      static_cast<void>(event_channel_op(abi::Event_channel_op::bind_ipi, ipi));
      abi::Evtchn_send send{.port = ipi.port};
      static_cast<void>(event_channel_op(abi::Event_channel_op::send, send));
    }
  }

  void run_secondary(std::uint64_t cpu) {
    // Too late.
    xen_vcpu_id_[cpu] = static_cast<std::uint32_t>(arch::current_mpidr().value());
    ++came_up_;
    arch::wait_for_interrupt();
  }

  std::uint32_t cpus_;
  On_refusal on_refusal_;
  std::array<std::uint32_t, most_cpus> xen_vcpu_id_{};
  std::atomic<std::uint32_t> came_up_{0};
  std::string refusal_;
  model_machine::Random_schedule schedule_{1};
  model_machine::Fiber_processor processor_;
  model::Xen xen_;
  model::Domain& domain_;
};

TEST(Origin, one_vcpu_never_met_the_mistake) {
  Old_kernel kernel{1, Old_kernel::On_refusal::gives_up};
  EXPECT_EQ(kernel.run(), Outcome::done) << kernel.story();
  EXPECT_EQ(kernel.came_up(), 1U);
  EXPECT_EQ(kernel.refusal(), "");
}

TEST(Origin, more_than_one_vcpu_do_not_come_up) {
  for (const std::uint32_t cpus : {2U, 4U, 8U}) {
    Old_kernel kernel{cpus, Old_kernel::On_refusal::gives_up};
    EXPECT_EQ(kernel.run(), Outcome::done) << kernel.story();
    EXPECT_EQ(kernel.came_up(), 1U);
    EXPECT_EQ(kernel.refusal(), abi::errno_name(abi::Errno::einval)) << "vCPU 0 has its control block already";
  }
}

TEST(Origin, going_on_all_the_same_loses_an_event_and_is_told_so) {
  Old_kernel kernel{2, Old_kernel::On_refusal::goes_on};
  EXPECT_EQ(kernel.run(), Outcome::blamed);
  EXPECT_NE(kernel.story().find("control block"), std::string::npos) << kernel.story();
}

}  // namespace
}  // namespace enlighten::on_model
