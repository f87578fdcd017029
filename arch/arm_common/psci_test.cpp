// SPDX-License-Identifier: MIT
// PSCI's calls, as firmware sees them and as the caller sees the answer.
#include <arch/psci.hpp>

#include <vector>

#include <gtest/gtest.h>
#include <arch/hosted_machine.hpp>

namespace enlighten::arch {
namespace {

struct Firmware final : hosted::Machine {
  struct Call {
    Conduit conduit;
    std::uint32_t function;
    std::array<std::uint64_t, 3> arguments;
    bool operator==(const Call&) const = default;
  };

  Smccc_result smccc(Conduit conduit, std::uint32_t function,
                     const std::array<std::uint64_t, 3>& arguments) override {
    calls.push_back({conduit, function, arguments});
    return {answer, 0, 0, 0};
  }

  std::vector<Call> calls;
  std::uint64_t answer = 0;
};

class Psci_test : public testing::Test {
 protected:
  Firmware firmware_;
  hosted::Installed_machine installed_{firmware_};
};

TEST_F(Psci_test, turns_a_cpu_on_by_the_wide_call_and_the_given_conduit) {
  EXPECT_TRUE(Psci{Conduit::smc}.cpu_on(Mpidr{0x1'0000'0203}, 0x4008'0000, 7));
  ASSERT_EQ(firmware_.calls.size(), 1U);
  EXPECT_EQ(firmware_.calls[0], (Firmware::Call{Conduit::smc, 0xc4000003, {0x1'0000'0203, 0x4008'0000, 7}}));
}

TEST_F(Psci_test, uses_the_machines_own_ids_under_version_0_1) {
  const Psci psci{Conduit::hvc, {.cpu_off = 11, .cpu_on = 22}};
  EXPECT_TRUE(psci.cpu_on(Mpidr{1}, 0x1000, 0));
  firmware_.answer = 0xffff'fffd;
  EXPECT_EQ(psci.cpu_off().number(), -3);
  ASSERT_EQ(firmware_.calls.size(), 2U);
  EXPECT_EQ(firmware_.calls[0], (Firmware::Call{Conduit::hvc, 22, {1, 0x1000, 0}}));
  EXPECT_EQ(firmware_.calls[1].function, 11U);
  EXPECT_EQ(psci.cpu_off_function(), 11U);
  EXPECT_EQ(psci.version().value(), (Psci_version{0, 1}));
  EXPECT_EQ(psci.cpu_power(Mpidr{1}).error().kind(), Error_kind::unsupported);
  EXPECT_STREQ(psci.system_off().text(), "PSCI 0.1 has no SYSTEM_OFF");
  EXPECT_EQ(firmware_.calls.size(), 2U);
}

TEST_F(Psci_test, reads_a_refusal_from_the_low_half_of_the_register) {
  for (const std::uint64_t answer : {0xffff'fffcULL, 0xffff'ffff'ffff'fffcULL, 0x1234'5678'ffff'fffcULL}) {
    firmware_.answer = answer;
    const auto result = Psci{Conduit::hvc}.cpu_on(Mpidr{0x101}, 0x1000, 0);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), Error_kind::firmware);
    EXPECT_EQ(result.error().number(), -4);
    EXPECT_STREQ(result.error().text(),
                 "PSCI CPU_ON of the CPU with affinity 0x101: ALREADY_ON: the processor runs");
  }
}

TEST_F(Psci_test, tells_the_version_and_asks_for_features_only_where_there_are_some) {
  firmware_.answer = 0x1'0001;
  EXPECT_EQ(Psci{Conduit::hvc}.version().value(), (Psci_version{1, 1}));
  EXPECT_TRUE(Psci{Conduit::hvc}.has(abi::Psci_function::system_suspend_64).value());
  EXPECT_EQ(firmware_.calls.back().function, 0x8400000aU);
  EXPECT_EQ(firmware_.calls.back().arguments[0], 0xc400000eU);
  firmware_.answer = 0x0'0002;
  const auto too_old = Psci{Conduit::hvc}.has(abi::Psci_function::cpu_on_64);
  ASSERT_FALSE(too_old);
  EXPECT_STREQ(too_old.error().text(), "PSCI 0.2 has no PSCI_FEATURES");
  firmware_.answer = 0xffff'ffff;
  EXPECT_EQ(Psci{Conduit::hvc}.version().error().number(), -1);
}

TEST_F(Psci_test, knows_the_three_states_of_a_cpu_from_a_refusal) {
  const Psci psci{Conduit::hvc};
  firmware_.answer = 0;
  EXPECT_EQ(psci.cpu_power(Mpidr{2}).value(), Cpu_power::on);
  EXPECT_EQ(firmware_.calls.back(), (Firmware::Call{Conduit::hvc, 0xc4000004, {2, 0, 0}}));
  firmware_.answer = 1;
  EXPECT_EQ(psci.cpu_power(Mpidr{2}).value(), Cpu_power::off);
  firmware_.answer = 2;
  EXPECT_EQ(psci.cpu_power(Mpidr{2}).value(), Cpu_power::coming_on);
  firmware_.answer = 0xffff'fffe;
  EXPECT_EQ(psci.cpu_power(Mpidr{2}).error().number(), -2);
}

TEST_F(Psci_test, returns_from_a_final_call_only_with_an_error) {
  firmware_.answer = 0xffff'ffff'ffff'ffff;
  EXPECT_EQ(Psci{Conduit::hvc}.system_off().number(), -1);
  EXPECT_EQ(firmware_.calls.back().function, 0x84000008U);
  EXPECT_STREQ(Psci{Conduit::hvc}.system_reset().text(), "PSCI SYSTEM_RESET: NOT_SUPPORTED");
  EXPECT_EQ(firmware_.calls.back().function, 0x84000009U);
}

}  // namespace
}  // namespace enlighten::arch
