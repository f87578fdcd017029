// SPDX-License-Identifier: MIT
// Tests of what a watchdog does to its domain.
#include <array>
#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <abi/errno.hpp>
#include <abi/hypercall.hpp>
#include <abi/sched_op.hpp>
#include <model/xen.hpp>

namespace enlighten::model {
namespace {

// One vCPU, which never waits.
class Alone final : public Processor {
 public:
  void step(const void*) override {}
  void wait(const std::function<bool()>&) override {}
  void wait_for_interrupt() override {}
  void start(Domain&, const Vcpu_start&) override {}
  void report(Domain&, const std::string&) override {}
  [[nodiscard]] std::uint64_t now() override { return 1; }
};

class Watchdog : public testing::Test {
 protected:
  std::int64_t set(std::uint32_t id, std::uint32_t seconds) {
    abi::Sched_watchdog wanted{.id = id, .timeout = seconds};
    return domain_.hypercall(
        Vcpu_id{0}, static_cast<std::uint64_t>(abi::Hypercall::sched_op),
        {static_cast<std::uint64_t>(abi::Sched_op::watchdog), reinterpret_cast<std::uintptr_t>(&wanted), 0, 0, 0});
  }

  Alone processor_;
  Xen xen_{processor_, {}};
  Domain& domain_ = xen_.create({.ram_pages = 16});
};

TEST_F(Watchdog, of_a_time_that_is_to_come_leaves_the_domain_alone) {
  EXPECT_EQ(set(0, 900), 1);
  EXPECT_EQ(set(1, 0), 0);
  EXPECT_EQ(set(1, 0), -static_cast<std::int64_t>(abi::Errno::einval));
  EXPECT_EQ(domain_.shut_down(), std::nullopt);
}

TEST_F(Watchdog, of_no_time_at_all_ends_the_domain) {
  EXPECT_EQ(set(0, 0), 1);
  EXPECT_EQ(domain_.shut_down(), abi::Shutdown_reason::watchdog);
}

}  // namespace
}  // namespace enlighten::model
