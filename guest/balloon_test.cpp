// SPDX-License-Identifier: MIT
// The balloon: what Xen has is what it says it took, however much of what was asked for that is.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include <abi/memory_op.hpp>
#include <arch/hosted_machine.hpp>
#include <guest/balloon.hpp>

namespace enlighten::guest {
namespace {

// A Xen that takes pages and gives them again, as many at a time as it likes.
class Landlord final : public arch::hosted::Machine {
 public:
  std::set<abi::Gfn> has;
  std::uint64_t takes_at_most = ~std::uint64_t{0};
  std::uint64_t gives_at_most = ~std::uint64_t{0};
  std::optional<std::int64_t> says;  // instead of the truth
  std::uint32_t calls = 0;

  std::int64_t hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) override {
    EXPECT_EQ(number, abi::Hypercall::memory_op);
    ++calls;
    const auto& wanted = *reinterpret_cast<const abi::Xen_memory_reservation*>(arguments[1]);
    EXPECT_EQ(wanted.extent_order, 0U);
    const std::span frames{reinterpret_cast<const abi::Gfn*>(wanted.extent_start.address()), wanted.nr_extents};
    const bool takes = arguments[0] == static_cast<std::uint64_t>(abi::Memory_op::decrease_reservation);
    const std::uint64_t done = std::min<std::uint64_t>(frames.size(), takes ? takes_at_most : gives_at_most);
    for (const abi::Gfn frame : frames.first(done)) {
      if (takes) {
        EXPECT_TRUE(has.insert(frame).second) << "taken twice";
        std::memset(reinterpret_cast<void*>(abi::address_of(frame)), 0xdd, abi::page_size);
      } else {
        EXPECT_EQ(has.erase(frame), 1U) << "it was never given";
      }
    }
    (takes ? takes_at_most : gives_at_most) -= done;
    return says.value_or(static_cast<std::int64_t>(done));
  }
};

// Some pages, each of which is out or in.
class Few_pages final : public Page_pool {
 public:
  explicit Few_pages(std::size_t count) : memory_{new(std::align_val_t{abi::page_size}) Page[count]} {
    for (std::size_t index = 0; index < count; ++index) {
      in_.insert(&memory_.get()[index]);
    }
  }

  void* take(std::uint32_t pages) noexcept override {
    EXPECT_EQ(pages, 1U);
    if (in_.empty()) {
      return nullptr;
    }
    void* const page = *in_.begin();
    in_.erase(in_.begin());
    return std::memset(page, 0, abi::page_size);
  }
  void give_back(void* page) noexcept override {
    EXPECT_TRUE(in_.insert(page).second) << "given back twice";
    std::memset(page, 0xee, abi::page_size);
  }

  [[nodiscard]] std::size_t left() const { return in_.size(); }

 private:
  struct Page {
    std::byte bytes[abi::page_size];
  };
  struct Free {
    void operator()(Page* pages) const { ::operator delete[](pages, std::align_val_t{abi::page_size}); }
  };
  std::unique_ptr<Page[], Free> memory_;
  std::set<void*> in_;
};

struct Balloon_test : testing::Test {
  Balloon_test() { machine.cpu_local = &self; }

  Landlord machine;
  arch::hosted::Installed_machine installed{machine};
  Cpu_local self;
  Hypercalls xen{Hypercalls::Presence::present};
  Few_pages pool{1600};
  Balloon balloon{xen, pool};
};

TEST_F(Balloon_test, gives_and_takes_what_is_wanted_and_leaves_nothing_behind) {
  for (const std::uint64_t wanted : {1U, 510U, 511U, 1200U, 1020U, 3U, 1500U, 0U}) {
    ASSERT_TRUE(balloon.resize(wanted)) << wanted;
    EXPECT_EQ(balloon.size(), wanted);
    EXPECT_EQ(machine.has.size(), wanted);
  }
  ASSERT_TRUE(balloon.resize(1));
  ASSERT_TRUE(balloon.resize(0));
  // The ledger that is open stays so until it is in the way.
  EXPECT_GE(pool.left(), 1599U);
}

TEST_F(Balloon_test, asks_for_nothing_where_nothing_is_to_change) {
  ASSERT_TRUE(balloon.resize(7));
  machine.calls = 0;
  ASSERT_TRUE(balloon.resize(7));
  EXPECT_EQ(machine.calls, 0U);
}

TEST_F(Balloon_test, keeps_the_pages_that_xen_does_not_take) {
  machine.takes_at_most = 600;
  const Result<> given = balloon.resize(1000);
  ASSERT_FALSE(given);
  EXPECT_STREQ(given.error().text(), "balloon: Xen took 90 pages of 490, and has 600");
  EXPECT_EQ(balloon.size(), 600U);
  EXPECT_EQ(machine.has.size(), 600U);
  EXPECT_EQ(pool.left(), 1600U - 600U - 2U);
  machine.takes_at_most = 1000;
  ASSERT_TRUE(balloon.resize(1000));
  EXPECT_EQ(machine.has.size(), 1000U);
}

TEST_F(Balloon_test, goes_on_later_with_what_xen_does_not_give_at_once) {
  ASSERT_TRUE(balloon.resize(1000));
  machine.gives_at_most = 700;
  const Result<> taken = balloon.resize(100);
  ASSERT_FALSE(taken);
  EXPECT_STREQ(taken.error().text(), "balloon: Xen gave 210 pages of 410, and still has 300");
  EXPECT_EQ(balloon.size(), 300U);
  EXPECT_EQ(machine.has.size(), 300U);
  machine.gives_at_most = 1000;
  ASSERT_TRUE(balloon.resize(0));
  EXPECT_TRUE(machine.has.empty());
}

TEST_F(Balloon_test, gives_all_there_is_and_says_how_much_is_missing) {
  const Result<> given = balloon.resize(2000);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().kind(), Error_kind::out_of_memory);
  EXPECT_EQ(pool.left(), 0U);
  EXPECT_EQ(balloon.size(), machine.has.size());
  // One page in 511 lists the others.
  EXPECT_EQ(balloon.size(), 1596U);
  ASSERT_TRUE(balloon.resize(0));
  EXPECT_GE(pool.left(), 1599U);
}

TEST_F(Balloon_test, believes_no_number_that_is_larger_than_what_it_asked_for) {
  machine.says = 100'000;
  ASSERT_TRUE(balloon.resize(10));
  EXPECT_EQ(balloon.size(), 10U);
  ASSERT_TRUE(balloon.resize(4));
  EXPECT_EQ(balloon.size(), 4U);
}

TEST_F(Balloon_test, keeps_its_pages_where_xen_refuses) {
  machine.takes_at_most = 0;
  machine.says = -static_cast<std::int64_t>(abi::Errno::eperm);
  EXPECT_FALSE(balloon.resize(10));
  EXPECT_EQ(balloon.size(), 0U);
  EXPECT_EQ(pool.left(), 1599U);
}

}  // namespace
}  // namespace enlighten::guest
