// SPDX-License-Identifier: MIT
// Tests of the 2-level ABI's bits and of when it comes to an upcall.
#include <model/event_two_level.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/fake_domain.hpp"

namespace enlighten::model {
namespace {

using Op = abi::Event_channel_op;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Vcpu_id vcpu0{0};
constexpr Vcpu_id vcpu1{1};
constexpr Vcpu_id vcpu2{2};

class Two_level : public testing::Test {
 protected:
  Fake_machine machine_;
  Fake_domain guest_{machine_};

  void SetUp() override {
    guest_.register_vcpu_info(vcpu0);
    guest_.register_vcpu_info(vcpu1);
  }
  static std::uint64_t bit(Port port) { return std::uint64_t{1} << port.value() % 64; }
  std::uint64_t& pending(Port port) { return guest_.shared_info().evtchn_pending[port.value() / 64]; }
  std::uint64_t& mask(Port port) { return guest_.shared_info().evtchn_mask[port.value() / 64]; }
  void unmask(Port port) { EXPECT_EQ(guest_.call(Op::unmask, abi::Evtchn_unmask{port}), 0); }
};

TEST_F(Two_level, ports_are_born_unmasked) {
  const Port port = guest_.bind_ipi();
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(pending(port), bit(port));
  EXPECT_EQ(guest_.vcpu_info(vcpu0).evtchn_pending_sel, 1U);
  EXPECT_EQ(guest_.vcpu_info(vcpu0).evtchn_upcall_pending, 1);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0));
  EXPECT_THAT(guest_.polled, ElementsAre(port));
}

TEST_F(Two_level, the_selector_names_the_word_of_the_port) {
  Port port{0};
  while (port.value() < 130) {
    port = guest_.bind_ipi(vcpu1);
  }
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(pending(port), std::uint64_t{1} << 2U);
  EXPECT_EQ(guest_.vcpu_info(vcpu1).evtchn_pending_sel, std::uint64_t{1} << 2U);
}

TEST_F(Two_level, a_masked_event_is_pending_and_no_more_until_xen_unmasks_it) {
  const Port port = guest_.bind_ipi();
  mask(port) = bit(port);
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(pending(port), bit(port));
  EXPECT_EQ(guest_.vcpu_info(vcpu0).evtchn_pending_sel, 0U);
  EXPECT_EQ(guest_.vcpu_info(vcpu0).evtchn_upcall_pending, 0);
  EXPECT_THAT(guest_.polled, ElementsAre(port));

  unmask(port);
  EXPECT_EQ(mask(port), 0U);
  EXPECT_EQ(guest_.vcpu_info(vcpu0).evtchn_pending_sel, 1U);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0));
}

TEST_F(Two_level, unmask_of_a_port_whose_mask_the_guest_cleared_itself_raises_nothing) {
  const Port port = guest_.bind_ipi();
  mask(port) = bit(port);
  EXPECT_EQ(guest_.send(port), 0);
  mask(port) = 0;
  unmask(port);
  EXPECT_EQ(guest_.vcpu_info(vcpu0).evtchn_pending_sel, 0U);
  EXPECT_THAT(guest_.upcalls, IsEmpty());
}

TEST_F(Two_level, there_is_one_upcall_until_the_guest_clears_upcall_pending) {
  const Port first = guest_.bind_ipi();
  const Port second = guest_.bind_ipi();
  EXPECT_EQ(guest_.send(first), 0);
  guest_.vcpu_info(vcpu0).evtchn_pending_sel = 0;
  EXPECT_EQ(guest_.send(second), 0);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0));
  guest_.vcpu_info(vcpu0) = {};
  pending(first) = 0;
  EXPECT_EQ(guest_.send(first), 0);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0, vcpu0));
}

TEST_F(Two_level, an_event_that_is_pending_already_changes_nothing) {
  const Port port = guest_.bind_ipi();
  EXPECT_EQ(guest_.send(port), 0);
  guest_.vcpu_info(vcpu0) = {};
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(guest_.vcpu_info(vcpu0).evtchn_pending_sel, 0U);
  EXPECT_THAT(guest_.polled, ElementsAre(port));
}

TEST_F(Two_level, before_registration_vcpu_0_has_the_slot_in_shared_info_and_the_others_a_dummy) {
  Fake_domain fresh{machine_, {.id = Domain_id{2}}};
  EXPECT_EQ(fresh.send(fresh.bind_ipi(vcpu0)), 0);
  EXPECT_EQ(fresh.legacy_slot().evtchn_upcall_pending, 1);
  EXPECT_EQ(fresh.send(fresh.bind_ipi(vcpu1)), 0);
  EXPECT_EQ(&fresh.vcpu_info(vcpu1), &fresh.vcpu_info(vcpu2));
  EXPECT_EQ(fresh.vcpu_info(vcpu2).evtchn_upcall_pending, 1);

  fresh.legacy_slot() = {};
  fresh.register_vcpu_info(vcpu0);
  EXPECT_EQ(fresh.send(fresh.bind_ipi(vcpu0)), 0);
  EXPECT_EQ(fresh.legacy_slot().evtchn_upcall_pending, 0);
  EXPECT_EQ(fresh.vcpu_info(vcpu0).evtchn_upcall_pending, 1);
}

TEST_F(Two_level, close_clears_pending_and_leaves_the_mask) {
  const Port port = guest_.bind_ipi();
  mask(port) = bit(port);
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(guest_.call(Op::close, abi::Evtchn_close{port}), 0);
  EXPECT_EQ(pending(port), 0U);
  EXPECT_EQ(mask(port), bit(port));
}

// Between Xen's look at the mask and its set of the selector, the guest takes the event by itself.
TEST_F(Two_level, xen_lets_others_go_first_at_each_word_it_touches) {
  const Port port = guest_.bind_ipi();
  std::vector<const void*> touched;
  machine_.turns.on_step = [&](const void* where) { touched.push_back(where); };
  EXPECT_EQ(guest_.send(port), 0);
  abi::Vcpu_info& info = guest_.vcpu_info(vcpu0);
  EXPECT_THAT(touched, ElementsAre(&pending(port), &mask(port), &info.evtchn_pending_sel,
                                   &info.evtchn_upcall_pending, &pending(port)));
}

}  // namespace
}  // namespace enlighten::model
