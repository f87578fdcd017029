// SPDX-License-Identifier: MIT
// The device tree that the model describes a domain by, as guest/ reads it.
#include <model/domain_tree.hpp>

#include <gtest/gtest.h>

#include <guest/device_tree.hpp>
#include <model/xen.hpp>
#include <model_machine/fiber_processor.hpp>
#include <model_machine/schedule.hpp>

namespace enlighten::on_model {
namespace {

class Described_domain : public testing::TestWithParam<model::Gic_version> {
 protected:
  model_machine::Random_schedule schedule_{1};
  model_machine::Fiber_processor processor_{schedule_, [](auto&, const auto&) {}};
  model::Xen xen_{processor_, {.release = model::Release::v4_20, .quirks = {}}};
  model::Domain& domain_ = xen_.create({.vcpus = 5, .ram_pages = 8192, .gic = GetParam()});
  std::uint64_t address_ = model::place_tree(domain_, "one two=3");
  Result<guest::Device_tree> tree_ = guest::Device_tree::open(reinterpret_cast<const void*>(address_), 2U << 20U);
};

TEST_P(Described_domain, is_found_in_its_own_memory_with_all_its_vcpus) {
  ASSERT_TRUE(tree_) << tree_.error().text();
  EXPECT_EQ(tree_->chosen()->bootargs, "one two=3");
  guest::Range_walk banks = tree_->memory();
  const auto bank = banks.next();
  ASSERT_TRUE(bank && *bank);
  EXPECT_EQ((*bank)->base, domain_.ram_base());
  EXPECT_EQ((*bank)->size, domain_.ram_size());
  EXPECT_GE(address_, domain_.ram_base());
  EXPECT_LT(address_, domain_.ram_base() + domain_.ram_size());
  guest::Cpu_walk cpus = tree_->cpus();
  std::uint32_t count = 0;
  for (auto cpu = cpus.next(); cpu && *cpu; cpu = cpus.next()) {
    EXPECT_EQ((*cpu)->mpidr, Mpidr{count});
    ++count;
  }
  EXPECT_EQ(count, 5U);
}

TEST_P(Described_domain, has_a_controller_a_timer_and_a_hypervisor_that_guest_code_understands) {
  ASSERT_TRUE(tree_);
  const auto gic = tree_->gic();
  ASSERT_TRUE(gic) << gic.error().text();
  EXPECT_EQ(gic->version == guest::Gic_version::v3, GetParam() == model::Gic_version::v3);
  EXPECT_EQ(gic->distributor.base, model::Gic::distributor_base);
  const auto timer = tree_->timer();
  ASSERT_TRUE(timer) << timer.error().text();
  EXPECT_EQ(timer->virtual_timer.interrupt, model::Gic::timer);
  const auto xen = tree_->hypervisor();
  ASSERT_TRUE(xen && *xen);
  EXPECT_EQ((*xen)->version, "4.20");
  EXPECT_EQ((*xen)->upcall.interrupt, model::Gic::upcall);
  const auto psci = tree_->psci();
  ASSERT_TRUE(psci && *psci);
  EXPECT_EQ((*psci)->conduit, guest::Psci_conduit::hvc);
}

INSTANTIATE_TEST_SUITE_P(Either_gic, Described_domain,
                         testing::Values(model::Gic_version::v2, model::Gic_version::v3),
                         [](const auto& parameters) {
                           return parameters.param == model::Gic_version::v2 ? "version_2" : "version_3";
                         });

}  // namespace
}  // namespace enlighten::on_model
