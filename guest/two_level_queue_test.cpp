// SPDX-License-Identifier: MIT
// The 2-level queue step by step: turns, masks, whose a port is, and memory no honest Xen would write.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <vector>

#include <guest/two_level_queue.hpp>

namespace enlighten::guest {
namespace {

using Ports = std::vector<std::uint32_t>;

// Shared memory of one vCPU, written by the test in Xen's place.
class Two_level_queue : public testing::Test {
 protected:
  Two_level_queue() { array_.mask_all(); }

  void bind(const Ports& ports) {
    for (const std::uint32_t port : ports) {
      consumer_.attend(Port{port});
      EXPECT_EQ(array_.unmask(Port{port}), Unmask::done);
    }
  }

  void raise(const Ports& ports) {
    for (const std::uint32_t port : ports) {
      shared_.evtchn_pending[port / 64] |= std::uint64_t{1} << port % 64;
      info_.evtchn_pending_sel |= std::uint64_t{1} << port / 64;
      info_.evtchn_upcall_pending = 1;
    }
  }

  Result<Drained> drain(std::uint32_t limit = abi::two_level_ports) {
    return consumer_.drain(
        array_,
        [this](Port port) {
          delivered_.push_back(port.value());
          if (also_) {
            also_(port);
          }
        },
        limit);
  }

  abi::Shared_info shared_;
  abi::Vcpu_info info_;
  Two_level_array<> array_{shared_};
  Two_level_consumer<> consumer_{info_};
  Ports delivered_;
  std::function<void(Port)> also_;
};

TEST_F(Two_level_queue, delivers_every_port_with_an_event_and_leaves_no_bit) {
  bind({1, 63, 64, 4095});
  raise({1, 63, 64, 4095});
  const auto drained = drain();
  ASSERT_TRUE(drained);
  EXPECT_EQ(drained->delivered, 4U);
  EXPECT_FALSE(drained->more);
  EXPECT_EQ(delivered_, (Ports{1, 63, 64, 4095}));
  EXPECT_EQ(shared_.evtchn_pending[0] | shared_.evtchn_pending[1] | shared_.evtchn_pending[63], 0U);
  EXPECT_EQ(info_.evtchn_pending_sel, 0U);
  EXPECT_EQ(info_.evtchn_upcall_pending, 0);
}

TEST_F(Two_level_queue, goes_on_after_the_port_delivered_last) {
  bind({1, 2, 3, 70, 4095});
  raise({1, 2, 3, 70, 4095});
  ASSERT_TRUE(drain(2));
  EXPECT_EQ(delivered_, (Ports{1, 2}));
  raise({1, 2});
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, (Ports{1, 2, 3, 70, 4095, 1, 2}));
}

TEST_F(Two_level_queue, lets_a_busy_port_starve_no_other) {
  bind({5, 6, 200});
  raise({5, 6, 200});
  also_ = [this](Port port) {
    if (port == Port{5}) {
      raise({5});
    }
  };
  const auto drained = drain(6);
  ASSERT_TRUE(drained);
  EXPECT_TRUE(drained->more);
  EXPECT_EQ(delivered_, (Ports{5, 6, 200, 5, 5, 5}));
}

TEST_F(Two_level_queue, takes_an_event_that_comes_while_it_drains) {
  bind({9, 100});
  raise({100});
  also_ = [this](Port port) {
    if (port == Port{100}) {
      raise({9});
    }
  };
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, (Ports{100, 9}));
}

TEST_F(Two_level_queue, clears_the_event_before_its_handler_runs) {
  bind({9});
  raise({9});
  also_ = [this](Port port) { EXPECT_FALSE(array_.is_pending(port)); };
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{9});
}

TEST_F(Two_level_queue, keeps_the_event_of_a_masked_port_for_the_unmasking_by_xen) {
  bind({9, 10});
  array_.mask(Port{9});
  raise({9, 10});
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{10});
  EXPECT_EQ(array_.unmask(Port{9}), Unmask::needs_hypercall);
  EXPECT_TRUE(array_.is_masked(Port{9})) << "or EVTCHNOP_unmask would not raise the event";
}

TEST_F(Two_level_queue, respects_a_mask_set_by_the_handler_before) {
  bind({9, 10});
  raise({9, 10});
  also_ = [this](Port) { array_.mask(Port{10}); };
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{9});
  EXPECT_TRUE(array_.is_pending(Port{10}));
}

TEST_F(Two_level_queue, leaves_the_events_of_other_vcpus_alone) {
  bind({9});
  abi::Vcpu_info other_info;
  Two_level_consumer<> other{other_info};
  other.attend(Port{10});
  EXPECT_EQ(array_.unmask(Port{10}), Unmask::done);
  raise({9, 10});
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{9});
  EXPECT_TRUE(array_.is_pending(Port{10}));
  consumer_.ignore(Port{9});
  raise({9});
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{9});
}

TEST_F(Two_level_queue, has_no_port_beyond_its_last) {
  constexpr Port beyond{abi::two_level_ports};
  EXPECT_EQ(array_.unmask(beyond), Unmask::no_word);
  EXPECT_TRUE(array_.is_masked(beyond));
  EXPECT_FALSE(array_.is_pending(beyond));
  array_.mask(beyond);
  array_.clear_pending(beyond);
  consumer_.attend(beyond);
  consumer_.ignore(beyond);
}

TEST_F(Two_level_queue, finds_nothing_in_a_selector_full_of_lies) {
  bind({9});
  info_.evtchn_pending_sel = ~std::uint64_t{0};
  ASSERT_TRUE(drain());
  EXPECT_TRUE(delivered_.empty());
  for (std::uint64_t& word : shared_.evtchn_pending) {
    word = ~std::uint64_t{0};
  }
  for (std::uint64_t& word : shared_.evtchn_mask) {
    word = 0;
  }
  info_.evtchn_pending_sel = ~std::uint64_t{0};
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{9}) << "only what was bound";
}

TEST_F(Two_level_queue, is_forgotten_with_its_domains_events) {
  bind({9, 10});
  raise({9, 10});
  ASSERT_TRUE(drain(1));
  consumer_.forget();
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{9});
}

}  // namespace
}  // namespace enlighten::guest
