// SPDX-License-Identifier: MIT
// A host thread as a vCPU: which machine it runs on, and what happens without one.
#include <arch/hosted_machine.hpp>

#include <thread>

#include <gtest/gtest.h>
#include <arch/hypercall.hpp>
#include <arch/processor.hpp>

namespace enlighten::arch {
namespace {

struct Echo final : hosted::Machine {
  explicit Echo(std::uint64_t own) : mpidr{own} {}
  std::int64_t hypercall(abi::Hypercall number, const hosted::Hypercall_arguments& arguments) override {
    return static_cast<std::int64_t>(number) * 1000 + static_cast<std::int64_t>(arguments[0] + arguments[4]);
  }
  Mpidr current_mpidr() override { return mpidr; }
  Mpidr mpidr;
};

TEST(Hosted_machine, answers_hypercalls_with_absent_arguments_zero) {
  Echo machine{0};
  const hosted::Installed_machine installed{machine};
  EXPECT_EQ(hypercall(abi::Hypercall::sched_op, 5), 29'005);
  EXPECT_EQ(hypercall(abi::Hypercall::sched_op, 5, 0, 0, 0, 3), 29'008);
}

TEST(Hosted_machine, is_each_threads_own_and_comes_back_after_another) {
  Echo outer{1};
  Echo inner{2};
  const hosted::Installed_machine installed{outer};
  set_cpu_local(&outer);
  {
    const hosted::Installed_machine nested{inner};
    EXPECT_EQ(current_mpidr(), Mpidr{2});
    EXPECT_EQ(cpu_local(), nullptr) << "a register of the other vCPU";
  }
  EXPECT_EQ(current_mpidr(), Mpidr{1});
  EXPECT_EQ(cpu_local(), &outer);
  Mpidr elsewhere{0};
  std::thread{[&] {
    const hosted::Installed_machine other{inner};
    elsewhere = current_mpidr();
  }}.join();
  EXPECT_EQ(elsewhere, Mpidr{2});
}

TEST(Hosted_machine_death, ends_a_program_that_has_none_with_the_name_of_the_call) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH((void)hypercall(abi::Hypercall::sched_op), "hypercall called on a thread that runs on no machine");
}

TEST(Hosted_machine_death, ends_a_program_that_uses_what_its_machine_lacks) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Echo machine{0};
  const hosted::Installed_machine installed{machine};
  EXPECT_DEATH(wait_for_interrupt(), "has no wait for interrupts");
}

}  // namespace
}  // namespace enlighten::arch
