// SPDX-License-Identifier: MIT
// Tests of what is refused before anything is started.
#include <runner/machine.hpp>

#include <array>
#include <span>

#include <gmock/gmock.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::uint64_t image_bytes = 100'000;
constexpr std::uint64_t modules_end = first_module_address + image_bytes;

struct Case {
  Machine machine;
  Domain domain{.name = "guest", .vcpus = 4, .memory_mib = 128, .arguments = {}};

  void check() const {
    check_limits(machine);
    check_limits(machine, domain, image_bytes);
  }
};

TEST(Limits, allow_what_the_hardware_can) {
  Case allowed;
  EXPECT_NO_THROW(allowed.check());
  allowed.domain.vcpus = 128;
  EXPECT_NO_THROW(allowed.check());
  allowed.machine.gic = Gic::v2;
  allowed.machine.cpus = 8;
  allowed.domain.vcpus = 8;
  EXPECT_NO_THROW(allowed.check());
}

TEST(Limits, refuse_a_ninth_vcpu_on_gic_v2_and_say_what_would_help) {
  Case refused;
  refused.machine.gic = Gic::v2;
  refused.domain.vcpus = 9;
  EXPECT_THAT([&] { refused.check(); },
              ThrowsMessage<Failure>(AllOf(HasSubstr("--vcpus 9"), HasSubstr("at most 8"), HasSubstr("--gic 3"))));
}

TEST(Limits, refuse_a_ninth_pcpu_on_gic_v2) {
  Case refused;
  refused.machine.gic = Gic::v2;
  refused.machine.cpus = 9;
  EXPECT_THAT([&] { refused.check(); }, ThrowsMessage<Failure>(HasSubstr("--pcpus 9")));
}

TEST(Limits, refuse_the_129th_vcpu_under_xen_only) {
  Case refused;
  refused.domain.vcpus = 129;
  EXPECT_THAT([&] { refused.check(); }, ThrowsMessage<Failure>(AllOf(HasSubstr("at most 128"), HasSubstr("Xen"))));
  refused.machine.beneath = Beneath::nothing;
  EXPECT_NO_THROW(refused.check());
}

TEST(Limits, refuse_no_cpu_at_all) {
  Case refused;
  refused.domain.vcpus = 0;
  EXPECT_THAT([&] { refused.check(); }, ThrowsMessage<Failure>(HasSubstr("at least one")));
}

TEST(Limits, refuse_memory_the_image_does_not_fit_in) {
  Case refused;
  refused.domain.memory_mib = 4;
  EXPECT_THAT([&] { refused.check(); }, ThrowsMessage<Failure>(AllOf(HasSubstr("--memory 4"), HasSubstr("5 MiB"))));
}

TEST(Limits, refuse_memory_the_host_does_not_have) {
  Case refused;
  refused.domain.memory_mib = available_host_memory_mib() + 1024;
  refused.machine.memory_mib = machine_memory_mib(std::span{&refused.domain, 1}, modules_end);
  EXPECT_THAT([&] { refused.check(); }, ThrowsMessage<Failure>(HasSubstr("--memory")));
}

TEST(Machine_memory, holds_the_domain_and_xen) {
  const Domain small{.name = "guest", .vcpus = 1, .memory_mib = 64, .arguments = {}};
  const Domain large{.name = "guest", .vcpus = 1, .memory_mib = 4096, .arguments = {}};
  EXPECT_EQ(machine_memory_mib(std::span{&small, 1}, modules_end), 1024U);
  EXPECT_GT(machine_memory_mib(std::span{&large, 1}, modules_end), 4096U + 512U);
  EXPECT_GT(machine_memory_mib(std::array{large, large}, modules_end), 2 * 4096U + 512U);
}

TEST(Machine_memory, grows_with_an_image_that_reaches_beyond_it) {
  const Domain domain{.name = "guest", .vcpus = 1, .memory_mib = 128, .arguments = {}};
  constexpr std::uint64_t huge = std::uint64_t{2} << 30U;
  EXPECT_GT(machine_memory_mib(std::span{&domain, 1}, first_module_address + huge), 2048U + 144U);
}

TEST(Modules, lie_one_behind_the_other_and_share_no_page) {
  const Module first{.file = {}, .address = first_module_address, .bytes = 1};
  EXPECT_EQ(address_behind(first), first_module_address + 0x20'0000);
  const Module full{.file = {}, .address = first_module_address, .bytes = 0x20'0000};
  EXPECT_EQ(address_behind(full), first_module_address + 0x20'0000);
}

}  // namespace
}  // namespace enlighten::runner
