// SPDX-License-Identifier: MIT
// GIC version 3 through the common face, on a controller that knows what the manual forbids.
#include <arch/gic.hpp>

#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_gic.hpp"

namespace enlighten::arch {
namespace {

using test::Fake_gic_v3;
using test::Maker;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using enum Gic_system_register;

constexpr std::uintptr_t first_region = 0x0900'0000;
constexpr std::uintptr_t second_region = 0x0b00'0000;
constexpr std::uint64_t last = 1U << 4;
constexpr std::uint64_t virtual_lpis = 1U << 1;

constexpr std::uint64_t affinity(std::uint64_t packed) {
  return packed << 32;
}

class Gic_v3_test : public testing::TestWithParam<Maker> {
 protected:
  void SetUp() override {
    fake_.add_redistributor(first_region, affinity(0x000));
    fake_.add_redistributor(first_region + 0x2'0000, affinity(0x001) | last);
    fake_.add_redistributor(second_region, affinity(0x100));
    fake_.add_redistributor(second_region + 0x2'0000, affinity(0x0300'0102) | last);
    fake_.system[control] = 4U << 8;  // five bits of priority
  }
  void TearDown() override { EXPECT_THAT(fake_.violations, IsEmpty()); }

  static Gic_description describe() {
    Gic_description description{.version = Gic_version::v3,
                                .distributor = {Fake_gic_v3::distributor_base, 0x1'0000}};
    description.redistributors[0] = {first_region, 0x100'0000};
    description.redistributors[1] = {second_region, 0x4'0000};
    description.redistributor_regions = 2;
    return description;
  }

  Fake_gic_v3 fake_{GetParam()};
  hosted::Installed_machine installed_{fake_};
};

TEST_P(Gic_v3_test, starts_with_routing_by_affinity_and_every_shared_interrupt_off_in_group_1) {
  fake_.control = 0x3;
  fake_.bank.enabled[2] = 0xff;
  const auto gic = Gic::start(describe());
  ASSERT_TRUE(gic);
  EXPECT_EQ(gic->version(), Gic_version::v3);
  EXPECT_EQ(gic->interrupt_count(), 128U);
  EXPECT_EQ(fake_.control, 0x13U);
  EXPECT_EQ(fake_.bank.enabled[2], 0U);
  EXPECT_EQ(fake_.bank.group[3], ~0U);
  EXPECT_EQ(fake_.bank.priority[127 / 4], 0xa0a0'a0a0U);
  EXPECT_EQ(fake_.pending_reads, 0U) << "what was written is in effect";
}

TEST_P(Gic_v3_test, starts_anew_where_an_earlier_owner_left_it_on) {
  ASSERT_TRUE(Gic::start(describe()));
  fake_.bank.active[1] = 1;
  ASSERT_TRUE(Gic::start(describe()));
  EXPECT_EQ(fake_.control, 0x13U);
  EXPECT_EQ(fake_.bank.active[1], GetParam() == Maker::arm ? 0U : 1U);
}

TEST_P(Gic_v3_test, says_so_when_the_distributor_never_settles) {
  fake_.stuck = true;
  const auto gic = Gic::start(describe());
  ASSERT_FALSE(gic);
  EXPECT_EQ(gic.error().kind(), Error_kind::timed_out);
  EXPECT_STREQ(gic.error().text(), "GIC at 0x8000000: the distributor does not finish a write");
}

TEST_P(Gic_v3_test, finds_each_cpus_redistributor_in_whatever_region_and_looks_at_nothing_beyond) {
  const Gic gic = Gic::start(describe()).value();
  const auto start = [&](std::uint64_t mpidr) {
    fake_.mpidr = Mpidr{mpidr};
    const Gic_cpu cpu = gic.start_cpu().value();
    EXPECT_EQ(cpu.target().affinity, Mpidr{mpidr});
    EXPECT_TRUE(cpu.enable(Interrupt{27}));
  };
  start(0x3'0000'0102);
  EXPECT_EQ(fake_.redistributors.at(second_region + 0x2'0000).bank.enabled[0], 1U << 27);
  EXPECT_EQ(fake_.redistributors.at(first_region).bank.enabled[0], 0U);
  start(0x001);
  EXPECT_EQ(fake_.redistributors.at(first_region + 0x2'0000).bank.enabled[0], 1U << 27);
}

TEST_P(Gic_v3_test, names_the_cpu_that_has_no_redistributor) {
  const Gic gic = Gic::start(describe()).value();
  fake_.mpidr = Mpidr{0x002};
  const auto cpu = gic.start_cpu();
  ASSERT_FALSE(cpu);
  EXPECT_STREQ(cpu.error().text(), "none of 2 GIC redistributor regions has one for the CPU with affinity 0x2");
}

TEST_P(Gic_v3_test, stops_at_the_end_of_a_region_that_marks_no_last) {
  fake_.redistributors.at(second_region + 0x2'0000).type = affinity(0x0300'0102);
  const Gic gic = Gic::start(describe()).value();
  fake_.mpidr = Mpidr{0x002};
  EXPECT_FALSE(gic.start_cpu());
}

TEST_P(Gic_v3_test, steps_by_four_frames_over_virtual_lpis_and_by_the_stride_that_is_described) {
  fake_.redistributors.clear();
  fake_.add_redistributor(first_region, affinity(0) | virtual_lpis);
  fake_.add_redistributor(first_region + 0x4'0000, affinity(1) | virtual_lpis | last);
  fake_.mpidr = Mpidr{1};
  EXPECT_TRUE(Gic::start(describe()).value().start_cpu());

  fake_.redistributors.clear();
  fake_.add_redistributor(first_region, affinity(0));
  fake_.add_redistributor(first_region + 0x8'0000, affinity(1) | last);
  Gic_description strided = describe();
  strided.redistributor_stride = 0x8'0000;
  EXPECT_TRUE(Gic::start(strided).value().start_cpu());
}

TEST_P(Gic_v3_test, starts_a_cpu_awake_with_its_own_interrupts_off_in_group_1) {
  auto& own = fake_.redistributors.at(first_region);
  own.bank.enabled[0] = 0xffff'0000;
  const Gic gic = Gic::start(describe()).value();
  ASSERT_TRUE(gic.start_cpu());
  EXPECT_FALSE(own.asleep);
  EXPECT_EQ(own.bank.enabled[0], 0U);
  EXPECT_EQ(own.bank.group[0], ~0U);
  EXPECT_EQ(own.bank.priority[0], 0xa0a0'a0a0U);
  EXPECT_EQ(own.pending_reads, 0U);
  EXPECT_EQ(fake_.system[priority_mask], 0xf0U);
  EXPECT_EQ(fake_.system_writes.front(), (Fake_gic_v3::System_write{system_registers, 1}));
  EXPECT_EQ(fake_.system_writes.back(), (Fake_gic_v3::System_write{group_enable, 1})) << "the last thing";
}

TEST_P(Gic_v3_test, leaves_no_interrupt_and_no_priority_active_from_a_cpus_previous_life) {
  const Gic gic = Gic::start(describe()).value();
  fake_.redistributors.at(first_region).bank.active[0] = 1U << 31;
  fake_.system[active_priorities_0] = 1U << 20;
  ASSERT_TRUE(gic.start_cpu());
  if (GetParam() == Maker::arm) {
    EXPECT_EQ(fake_.redistributors.at(first_region).bank.active[0], 0U);
  }
  EXPECT_EQ(fake_.system[active_priorities_0], 0U);
  EXPECT_THAT(fake_.system_writes, Not(Contains(Fake_gic_v3::System_write{active_priorities_1, 0})))
      << "a register that five bits of priority do not have";
}

TEST_P(Gic_v3_test, clears_as_many_active_priorities_as_there_are) {
  fake_.system[control] = 6U << 8;
  const Gic gic = Gic::start(describe()).value();
  fake_.system[active_priorities_1] = fake_.system[active_priorities_3] = 1;
  ASSERT_TRUE(gic.start_cpu());
  EXPECT_EQ(fake_.system[active_priorities_1], 0U);
  EXPECT_EQ(fake_.system[active_priorities_3], 0U);
}

TEST_P(Gic_v3_test, says_so_when_the_system_registers_are_withheld) {
  fake_.system_registers_withheld = true;
  const auto cpu = Gic::start(describe()).value().start_cpu();
  ASSERT_FALSE(cpu);
  EXPECT_EQ(cpu.error().kind(), Error_kind::unsupported);
}

TEST_P(Gic_v3_test, refuses_a_cpu_that_no_sgi_can_reach) {
  fake_.add_redistributor(first_region + 0x2'0000, 0);
  fake_.redistributors.at(first_region + 0x2'0000).type = affinity(0x011) | last;
  fake_.mpidr = Mpidr{0x011};
  const Gic gic = Gic::start(describe()).value();
  EXPECT_EQ(gic.start_cpu().error().kind(), Error_kind::unsupported);
  fake_.system[control] |= 1U << 18;
  EXPECT_TRUE(gic.start_cpu());
}

TEST_P(Gic_v3_test, acknowledges_completes_and_takes_no_special_number_for_an_interrupt) {
  const Gic gic = Gic::start(describe()).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  fake_.to_acknowledge = {31, 1020, 1021, 1022, 1023};
  EXPECT_EQ(cpu.highest_pending(), Interrupt{31});
  const auto upcall = cpu.acknowledge();
  ASSERT_TRUE(upcall);
  EXPECT_EQ(upcall->interrupt(), Interrupt{31});
  cpu.complete(*upcall);
  EXPECT_EQ(fake_.system_writes.back(), (Fake_gic_v3::System_write{end, 31}));
  for (int special = 0; special < 4; ++special) {
    EXPECT_FALSE(cpu.acknowledge());
  }
  EXPECT_FALSE(cpu.highest_pending());
}

TEST_P(Gic_v3_test, routes_a_shared_interrupt_by_the_whole_affinity) {
  const Gic gic = Gic::start(describe()).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  ASSERT_TRUE(cpu.route(Interrupt{32}, {Mpidr{0x4'0003'0201}, 0}));
  ASSERT_TRUE(cpu.enable(Interrupt{32}));
  EXPECT_EQ(fake_.routes[32 * 8], 0x0003'0201U);
  EXPECT_EQ(fake_.routes[32 * 8 + 4], 0x4U);
  EXPECT_EQ(fake_.bank.enabled[1], 1U);
  EXPECT_FALSE(cpu.route(Interrupt{31}, cpu.target()));
}

TEST_P(Gic_v3_test, waits_until_an_interrupt_is_really_off) {
  const Gic gic = Gic::start(describe()).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  ASSERT_TRUE(cpu.enable(Interrupt{27}));
  ASSERT_TRUE(cpu.disable(Interrupt{27}));
  EXPECT_EQ(fake_.redistributors.at(first_region).pending_reads, 0U);
  ASSERT_TRUE(cpu.enable(Interrupt{64}));
  ASSERT_TRUE(cpu.disable(Interrupt{64}));
  EXPECT_EQ(fake_.pending_reads, 0U);
}

TEST_P(Gic_v3_test, changes_a_trigger_only_while_the_interrupt_is_off) {
  const Gic gic = Gic::start(describe()).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  for (const Interrupt interrupt : {Interrupt{27}, Interrupt{70}}) {
    ASSERT_TRUE(cpu.enable(interrupt));
    ASSERT_TRUE(cpu.set_trigger(interrupt, Interrupt_trigger::edge));
  }
  EXPECT_EQ(fake_.redistributors.at(first_region).bank.configuration[1], 2U << 22);
  EXPECT_EQ(fake_.redistributors.at(first_region).bank.enabled[0], 1U << 27);
  EXPECT_EQ(fake_.bank.configuration[4], 2U << 12);
  EXPECT_FALSE(cpu.set_trigger(Interrupt{3}, Interrupt_trigger::edge));
}

TEST_P(Gic_v3_test, refuses_interrupts_it_does_not_have) {
  const Gic gic = Gic::start(describe()).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  const auto refused = cpu.enable(Interrupt{128});
  ASSERT_FALSE(refused);
  EXPECT_STREQ(refused.error().text(), "cannot enable interrupt 128: this GIC has 128");
  EXPECT_FALSE(cpu.disable(Interrupt{128}));
  EXPECT_FALSE(cpu.route(Interrupt{1019}, cpu.target()));
  EXPECT_FALSE(cpu.is_pending(Interrupt{1023}));
}

TEST_P(Gic_v3_test, reads_what_is_pending_where_the_controller_tells) {
  const Gic gic = Gic::start(describe()).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  fake_.redistributors.at(first_region).bank.pending[0] = 1U << 27;
  EXPECT_EQ(cpu.is_pending(Interrupt{27}).value(), GetParam() == Maker::arm);
  EXPECT_FALSE(cpu.is_pending(Interrupt{28}).value());
}

TEST_P(Gic_v3_test, sends_an_sgi_to_one_cpu) {
  const Gic gic = Gic::start(describe()).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  ASSERT_TRUE(cpu.send_sgi(Interrupt{2}, {Mpidr{0x103}, 0}));
  EXPECT_EQ(fake_.system_writes.back(), (Fake_gic_v3::System_write{software_interrupt, 0x0201'0008}));
  EXPECT_FALSE(cpu.send_sgi(Interrupt{16}, cpu.target()));
}

INSTANTIATE_TEST_SUITE_P(On, Gic_v3_test, testing::Values(Maker::arm, Maker::xen),
                         [](const auto& maker) { return maker.param == Maker::arm ? "hardware" : "xen"; });

TEST(Gic_v3_interface, puts_every_part_of_an_affinity_where_it_belongs) {
  constexpr auto encode = &Gic_v3_interface::software_interrupt;
  EXPECT_EQ(encode(Interrupt{15}, Mpidr{0x0}), 0x0f00'0001ULL);
  EXPECT_EQ(encode(Interrupt{0}, Mpidr{0x0f}), 0x8000ULL);
  EXPECT_EQ(encode(Interrupt{0}, Mpidr{0x2f}), 0x0000'2000'0000'8000ULL);
  EXPECT_EQ(encode(Interrupt{1}, Mpidr{0xaa'00bb'cc03}), 0x00aa'00bb'01cc'0008ULL);
}

}  // namespace
}  // namespace enlighten::arch
