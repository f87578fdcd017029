// SPDX-License-Identifier: MIT
// GIC version 2 through the common face, on a controller that knows what the manual forbids.
#include <arch/gic.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_gic.hpp"

namespace enlighten::arch {
namespace {

using test::Fake_gic_v2;
using test::Maker;
using testing::ElementsAre;
using testing::IsEmpty;

const Gic_description description{.version = Gic_version::v2,
                                  .distributor = {Fake_gic_v2::distributor_base, 0x1000},
                                  .cpu_interface = {Fake_gic_v2::interface_base, 0x2000}};

class Gic_v2_test : public testing::TestWithParam<Maker> {
 protected:
  void TearDown() override { EXPECT_THAT(fake_.violations, IsEmpty()); }

  Fake_gic_v2 fake_{GetParam()};
  hosted::Installed_machine installed_{fake_};
};

TEST_P(Gic_v2_test, starts_with_every_shared_interrupt_off_and_the_distributor_on) {
  fake_.bank.enabled[1] = 0xff;
  fake_.bank.enabled[3] = 0xff00;
  fake_.bank.enabled[0] = 0xffff;
  const auto gic = Gic::start(description);
  ASSERT_TRUE(gic);
  EXPECT_EQ(gic->version(), Gic_version::v2);
  EXPECT_EQ(gic->interrupt_count(), 128U);
  EXPECT_EQ(fake_.control, 1U);
  EXPECT_EQ(fake_.bank.enabled[1], 0U);
  EXPECT_EQ(fake_.bank.enabled[3], 0U);
  EXPECT_EQ(fake_.bank.enabled[0], 0xffffU) << "those are each CPU's own business";
  EXPECT_EQ(fake_.bank.priority[127 / 4], 0xa0a0'a0a0U);
}

TEST_P(Gic_v2_test, starts_a_cpu_with_its_own_interrupts_off_and_no_priority_left_active) {
  const Gic gic = Gic::start(description).value();
  fake_.bank.enabled[0] = ~0U;
  fake_.interface[0x0d0] = 1U << 20;
  fake_.interface[0x000] = 0x1e0;
  ASSERT_TRUE(gic.start_cpu());
  EXPECT_EQ(fake_.bank.enabled[0], 0U);
  EXPECT_EQ(fake_.interface[0x0d0], 0U);
  EXPECT_EQ(fake_.interface[0x004], 0xf0U);
  EXPECT_EQ(fake_.interface[0x000], 0x1e1U) << "on, with the bypass that the platform chose";
}

TEST_P(Gic_v2_test, learns_its_cpu_interface_from_the_distributor) {
  const Gic gic = Gic::start(description).value();
  fake_.mpidr = Mpidr{5};
  fake_.own_targets = 0x0020'0000;
  EXPECT_EQ(gic.start_cpu()->target().version_2_interface, 0x20);
  EXPECT_EQ(gic.start_cpu()->target().affinity, Mpidr{5});
  fake_.own_targets = 0;
  EXPECT_EQ(gic.start_cpu()->target().version_2_interface, 0x01) << "the only CPU";
}

TEST_P(Gic_v2_test, gives_an_acknowledged_sgi_back_with_its_sender) {
  const Gic gic = Gic::start(description).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  fake_.to_acknowledge = {3U << 10 | 7U, 27};
  EXPECT_EQ(cpu.highest_pending(), Interrupt{7});
  const auto sgi = cpu.acknowledge();
  ASSERT_TRUE(sgi);
  EXPECT_EQ(sgi->interrupt(), Interrupt{7});
  cpu.complete(*sgi);
  const auto ppi = cpu.acknowledge();
  ASSERT_TRUE(ppi);
  EXPECT_EQ(ppi->interrupt(), Interrupt{27});
  cpu.complete(*ppi);
  EXPECT_THAT(fake_.ended, ElementsAre(3U << 10 | 7U, 27U));
  EXPECT_FALSE(cpu.acknowledge());
  EXPECT_FALSE(cpu.highest_pending());
}

TEST_P(Gic_v2_test, takes_no_special_number_for_an_interrupt) {
  const Gic gic = Gic::start(description).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  for (std::uint32_t special = 1020; special < 1024; ++special) {
    fake_.to_acknowledge = {special};
    EXPECT_FALSE(cpu.acknowledge());
  }
  EXPECT_THAT(fake_.ended, IsEmpty());
}

TEST_P(Gic_v2_test, enables_routes_and_disables) {
  const Gic gic = Gic::start(description).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  ASSERT_TRUE(cpu.enable(Interrupt{31}));
  ASSERT_TRUE(cpu.route(Interrupt{33}, {Mpidr{2}, 0x04}));
  ASSERT_TRUE(cpu.enable(Interrupt{33}));
  EXPECT_EQ(fake_.bank.enabled[0], 1U << 31);
  EXPECT_EQ(fake_.bank.enabled[1], 1U << 1);
  EXPECT_EQ(fake_.targets[33], 0x04);
  ASSERT_TRUE(cpu.disable(Interrupt{31}));
  EXPECT_EQ(fake_.bank.enabled[0], 0U);
}

TEST_P(Gic_v2_test, sends_an_sgi_to_the_interface_named) {
  const Gic gic = Gic::start(description).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  ASSERT_TRUE(cpu.send_sgi(Interrupt{5}, {Mpidr{3}, 0x08}));
  EXPECT_THAT(fake_.software_interrupts, ElementsAre(0x0008'0005U));
  EXPECT_EQ(cpu.send_sgi(Interrupt{16}, {Mpidr{3}, 0x08}).error().kind(), Error_kind::argument);
}

TEST_P(Gic_v2_test, changes_a_trigger_only_while_the_interrupt_is_off) {
  const Gic gic = Gic::start(description).value();
  const Gic_cpu cpu = gic.start_cpu().value();
  ASSERT_TRUE(cpu.enable(Interrupt{40}));
  ASSERT_TRUE(cpu.set_trigger(Interrupt{40}, Interrupt_trigger::edge));
  EXPECT_EQ(fake_.bank.configuration[2], 2U << 16);
  EXPECT_EQ(fake_.bank.enabled[1], 1U << 8);
  ASSERT_TRUE(cpu.set_trigger(Interrupt{40}, Interrupt_trigger::level));
  EXPECT_EQ(fake_.bank.configuration[2], 0U);
}

INSTANTIATE_TEST_SUITE_P(On, Gic_v2_test, testing::Values(Maker::arm, Maker::xen),
                         [](const auto& maker) { return maker.param == Maker::arm ? "hardware" : "xen"; });

}  // namespace
}  // namespace enlighten::arch
