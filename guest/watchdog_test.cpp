// SPDX-License-Identifier: MIT
// Watchdogs: what Xen is asked, and what becomes of an answer that is no id.
#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include <abi/sched_op.hpp>
#include <arch/hosted_machine.hpp>
#include <guest/watchdog.hpp>

namespace enlighten::guest {
namespace {

using std::chrono::seconds;

struct Asked {
  std::uint32_t id;
  std::uint32_t timeout;
  friend bool operator==(const Asked&, const Asked&) = default;
};

class Kennel final : public arch::hosted::Machine {
 public:
  std::vector<Asked> asked;
  std::int64_t answer = 1;

  std::int64_t hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) override {
    EXPECT_EQ(number, abi::Hypercall::sched_op);
    EXPECT_EQ(arguments[0], static_cast<std::uint64_t>(abi::Sched_op::watchdog));
    const auto& argument = *reinterpret_cast<const abi::Sched_watchdog*>(arguments[1]);
    asked.push_back({argument.id, argument.timeout});
    return answer;
  }
};

struct Watchdog_test : testing::Test {
  Watchdog_test() { machine.cpu_local = &self; }

  Kennel machine;
  arch::hosted::Installed_machine installed{machine};
  Cpu_local self;
  Hypercalls xen{Hypercalls::Presence::present};
};

TEST_F(Watchdog_test, is_set_fed_and_stopped_by_its_id) {
  machine.answer = 2;
  {
    Result<Watchdog> dog = Watchdog::start(xen, seconds{30});
    ASSERT_TRUE(dog);
    machine.answer = 0;
    EXPECT_TRUE(dog->feed());
  }
  EXPECT_EQ(machine.asked, (std::vector<Asked>{{0, 30}, {2, 30}, {2, 0}}));
}

TEST_F(Watchdog_test, is_stopped_once_wherever_it_has_gone) {
  std::optional<Watchdog> dog{*Watchdog::start(xen, seconds{1})};
  machine.asked.clear();
  machine.answer = 0;
  {
    const Watchdog elsewhere{std::move(*dog)};
    EXPECT_FALSE(dog->feed());
    dog.reset();
    EXPECT_TRUE(machine.asked.empty());
  }
  EXPECT_EQ(machine.asked, (std::vector<Asked>{{1, 0}}));
}

TEST_F(Watchdog_test, is_never_set_to_no_time_at_all_which_would_end_the_domain) {
  const Result<Watchdog> dog = Watchdog::start(xen, seconds{0});
  ASSERT_FALSE(dog);
  EXPECT_STREQ(dog.error().text(), "watchdog: it cannot wait for 0 s, but for 1 s and longer");
  EXPECT_FALSE(Watchdog::start(xen, seconds{std::int64_t{1} << 32}));
  EXPECT_TRUE(machine.asked.empty());
}

TEST_F(Watchdog_test, is_an_error_where_xen_has_none_left_which_does_not_look_like_one) {
  machine.answer = 0xffff'ffe4;
  const Result<Watchdog> dog = Watchdog::start(xen, seconds{30});
  ASSERT_FALSE(dog);
  EXPECT_EQ(dog.error().kind(), Error_kind::exhausted);
  EXPECT_STREQ(dog.error().text(), "watchdog: the domain has all it can have, which are 2");
  EXPECT_EQ(machine.asked.size(), 1U);
}

TEST_F(Watchdog_test, that_xen_does_not_know_any_more_is_an_error) {
  Result<Watchdog> dog = Watchdog::start(xen, seconds{30});
  ASSERT_TRUE(dog);
  machine.answer = -static_cast<std::int64_t>(abi::Errno::einval);
  EXPECT_FALSE(dog->feed());
  EXPECT_FALSE(dog->stop());
}

}  // namespace
}  // namespace enlighten::guest
