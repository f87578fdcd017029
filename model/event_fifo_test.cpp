// SPDX-License-Identifier: MIT
// Tests of setting the FIFO ABI up, of what becomes of events on the way, and of taking it down.
#include <model/event_fifo.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <abi/domain_id.hpp>

#include "test/fake_domain.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using Op = abi::Event_channel_op;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Vcpu_id vcpu0{0};
constexpr Vcpu_id vcpu1{1};
constexpr Vcpu_id vcpu2{2};
constexpr abi::Gfn hole{0};
constexpr abi::Gfn array{100};
constexpr std::uint32_t last_offset = 4024;

class Event_fifo_setup : public testing::TestWithParam<Release> {
 protected:
  Fake_machine machine_;
  Fake_settings settings_{.release = GetParam()};
  Fake_domain guest_{machine_, settings_};

  std::int64_t reset() { return guest_.call(Op::reset, abi::Evtchn_reset{abi::domain_self}); }
  std::int64_t set_priority(Fake_domain& guest, Port port, std::uint32_t priority) {
    return guest.call(Op::set_priority, abi::Evtchn_set_priority{port, priority});
  }
};

INSTANTIATE_TEST_SUITE_P(releases, Event_fifo_setup, testing::Values(Release::v4_17, Release::master),
                         [](const auto& one) { return one.param == Release::master ? "master" : "v4_17"; });

TEST_P(Event_fifo_setup, a_control_block_that_is_refused_leaves_the_2_level_abi) {
  EXPECT_EQ(guest_.init_control(Vcpu_id{99}, array, 4), refused(Errno::enoent));
  EXPECT_EQ(guest_.init_control(vcpu0, array, 4), refused(Errno::einval));
  EXPECT_EQ(guest_.init_control(vcpu0, array, 4028), refused(Errno::einval));
  EXPECT_EQ(guest_.init_control(vcpu0, array, 4032), refused(Errno::einval));
  EXPECT_EQ(guest_.init_control(vcpu0, hole), refused(Errno::einval));
  EXPECT_EQ(guest_.expand_array(array), refused(Errno::eopnotsupp));
  EXPECT_EQ(guest_.send(guest_.bind_ipi()), 0);
  EXPECT_EQ(guest_.legacy_slot().evtchn_upcall_pending, 1);
  EXPECT_THAT(guest_.pins, IsEmpty());
}

TEST_P(Event_fifo_setup, a_vcpu_has_one_control_block_and_is_told_how_long_links_are) {
  abi::Evtchn_init_control init{.control_gfn = abi::Gfn{1}, .offset = last_offset, .vcpu = vcpu0};
  EXPECT_EQ(guest_.call(Op::init_control, init), 0);
  EXPECT_EQ(init.link_bits, 17);
  EXPECT_EQ(guest_.init_control(vcpu0, abi::Gfn{2}), refused(Errno::einval));
  EXPECT_EQ(guest_.init_control(vcpu1, abi::Gfn{1}, 0), 0);
  EXPECT_EQ(guest_.pins[abi::Gfn{1}], 2);
}

TEST_P(Event_fifo_setup, any_vcpu_may_be_the_first_to_get_a_control_block) {
  EXPECT_EQ(guest_.init_control(vcpu1, abi::Gfn{2}), 0);
  EXPECT_EQ(guest_.init_control(vcpu0, abi::Gfn{1}), 0);
}

TEST_P(Event_fifo_setup, an_array_has_128_pages_of_ram) {
  ASSERT_EQ(guest_.init_control(vcpu0, abi::Gfn{1}), 0);
  EXPECT_EQ(guest_.expand_array(hole), refused(Errno::einval));
  for (std::uint64_t page = 0; page < 128; ++page) {
    ASSERT_EQ(guest_.expand_array(abi::Gfn{array.value() + page}), 0);
  }
  EXPECT_EQ(guest_.expand_array(abi::Gfn{2}), refused(Errno::enospc));
  EXPECT_EQ(guest_.expand_array(hole), refused(Errno::enospc));
}

TEST_P(Event_fifo_setup, an_event_from_before_the_array_is_raised_when_its_page_comes) {
  const Port before_fifo = guest_.bind_ipi();
  const Port before_page = guest_.bind_ipi();
  EXPECT_EQ(guest_.send(before_fifo), 0);
  ASSERT_EQ(guest_.init_control(vcpu0, abi::Gfn{1}), 0);
  guest_.legacy_slot() = {};
  guest_.upcalls.clear();
  ASSERT_EQ(guest_.expand_array(array), 0);
  EXPECT_EQ(guest_.word(before_fifo), 0xa0000000U);
  EXPECT_EQ(guest_.word(before_page), 0U);
  EXPECT_EQ(guest_.block(vcpu0).ready, 0x80U);
  EXPECT_EQ(guest_.block(vcpu0).head[7], before_fifo.value());
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0));
}

TEST_P(Event_fifo_setup, an_event_between_control_block_and_array_waits_for_the_array) {
  ASSERT_EQ(guest_.init_control(vcpu0, abi::Gfn{1}), 0);
  const Port port = guest_.bind_ipi();
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_THAT(guest_.upcalls, IsEmpty());
  EXPECT_FALSE(guest_.channels.is_pending(port));
  ASSERT_EQ(guest_.expand_array(array), 0);
  EXPECT_EQ(guest_.word(port), 0xa0000000U);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0));
}

TEST_P(Event_fifo_setup, the_masks_of_the_2_level_abi_are_not_taken_over) {
  const Port port = guest_.bind_ipi();
  guest_.shared_info().evtchn_mask[0] = ~std::uint64_t{0};
  guest_.switch_to_fifo();
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(guest_.word(port), 0xa0000000U);
}

TEST_P(Event_fifo_setup, an_event_for_a_vcpu_without_control_block_is_lost_for_good_and_the_guest_blamed_once) {
  ASSERT_EQ(guest_.init_control(vcpu0, abi::Gfn{1}), 0);
  ASSERT_EQ(guest_.expand_array(array), 0);
  const Port port = guest_.bind_ipi(vcpu2);
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(guest_.word(port), 0U);
  EXPECT_THAT(guest_.polled, IsEmpty());
  EXPECT_THAT(guest_.blames, ElementsAre(HasSubstr("is bound to vCPU 2"), HasSubstr("lost: vCPU 2")));
  ASSERT_EQ(guest_.init_control(vcpu2, abi::Gfn{3}), 0);
  EXPECT_EQ(guest_.word(port), 0U);
  EXPECT_THAT(guest_.upcalls, IsEmpty());
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(guest_.block(vcpu2).ready, 0x80U);
  EXPECT_EQ(guest_.block(vcpu2).head[7], port.value());
}

TEST_P(Event_fifo_setup, as_specified_an_event_waits_for_the_control_block) {
  settings_.id = Domain_id{2};
  settings_.quirks.loses_events_without_control_block = false;
  Fake_domain guest{machine_, settings_};
  ASSERT_EQ(guest.init_control(vcpu0, abi::Gfn{1}), 0);
  ASSERT_EQ(guest.expand_array(array), 0);
  const Port port = guest.bind_ipi(vcpu2);
  EXPECT_EQ(guest.send(port), 0);
  ASSERT_EQ(guest.init_control(vcpu2, abi::Gfn{3}), 0);
  EXPECT_EQ(guest.word(port), 0xa0000000U);
  EXPECT_EQ(guest.block(vcpu2).head[7], port.value());
  EXPECT_THAT(guest.upcalls, ElementsAre(vcpu2));
  EXPECT_THAT(guest.blames, IsEmpty());
}

TEST_P(Event_fifo_setup, priorities_are_0_to_15_and_open_ports_have_them) {
  guest_.switch_to_fifo();
  const Port port = guest_.bind_ipi();
  EXPECT_EQ(set_priority(guest_, port, 16), refused(Errno::einval));
  EXPECT_EQ(set_priority(guest_, port, 3), 0);
  EXPECT_EQ(set_priority(guest_, Port{0}, 3), refused(Errno::eacces));
  EXPECT_EQ(set_priority(guest_, Port{60}, 16), refused(Errno::eacces));
  EXPECT_EQ(set_priority(guest_, Port{5000}, 3), refused(Errno::einval));
}

TEST_P(Event_fifo_setup, reset_returns_to_the_2_level_abi_and_lets_go_of_the_guests_pages) {
  guest_.switch_to_fifo();
  guest_.bind_ipi();
  EXPECT_EQ(reset(), 0);
  EXPECT_THAT(guest_.pins, IsEmpty());
  EXPECT_EQ(guest_.expand_array(array), refused(Errno::eopnotsupp));
  const Port port = guest_.bind_ipi();
  EXPECT_EQ(set_priority(guest_, port, 3), refused(Errno::enosys));
  EXPECT_EQ(guest_.send(port), 0);
  EXPECT_EQ(guest_.shared_info().evtchn_pending[0], std::uint64_t{1} << port.value());
}

TEST_P(Event_fifo_setup, what_was_saved_once_is_raised_again_after_reset_and_makes_the_free_port_unusable) {
  ASSERT_EQ(guest_.init_control(vcpu0, abi::Gfn{1}), 0);
  const Port port = guest_.bind_ipi();
  EXPECT_EQ(guest_.send(port), 0);
  ASSERT_EQ(guest_.expand_array(array), 0);
  EXPECT_EQ(reset(), 0);

  ASSERT_EQ(guest_.init_control(vcpu0, abi::Gfn{10}), 0);
  ASSERT_EQ(guest_.expand_array(abi::Gfn{11}), 0);
  const auto* words = reinterpret_cast<abi::Event_word*>(guest_.ram(abi::Gfn{11}));
  EXPECT_EQ(words[port.value()], 0xa0000000U);
  EXPECT_EQ(guest_.status(port).status, abi::Evtchn_state::closed);
  EXPECT_EQ(guest_.bind_ipi(), Port{port.value() + 1});
}

TEST_P(Event_fifo_setup, as_specified_nothing_pending_survives_a_reset) {
  settings_.id = Domain_id{2};
  settings_.quirks.keeps_pending_over_reset = false;
  Fake_domain guest{machine_, settings_};
  const Port port = guest.bind_ipi();
  EXPECT_EQ(guest.send(port), 0);
  ASSERT_EQ(guest.init_control(vcpu0, abi::Gfn{1}), 0);
  ASSERT_EQ(guest.expand_array(array), 0);
  EXPECT_EQ(guest.word(port), 0xa0000000U);
  EXPECT_EQ(guest.call(Op::reset, abi::Evtchn_reset{abi::domain_self}), 0);
  ASSERT_EQ(guest.init_control(vcpu0, abi::Gfn{10}), 0);
  ASSERT_EQ(guest.expand_array(abi::Gfn{11}), 0);
  EXPECT_EQ(guest.bind_ipi(), port);
}

TEST_P(Event_fifo_setup, a_control_block_is_handed_over_zero) {
  guest_.block(vcpu0).head[15] = 1;
  EXPECT_EQ(guest_.init_control(vcpu0, abi::Gfn{1}), 0);
  EXPECT_THAT(guest_.blames, ElementsAre(HasSubstr("control block of vCPU 0")));
  guest_.channels.set_checking(false);
  guest_.block(vcpu1).ready = 1;
  EXPECT_EQ(guest_.init_control(vcpu1, abi::Gfn{2}), 0);
  EXPECT_EQ(guest_.blames.size(), 1U);
}

}  // namespace
}  // namespace enlighten::model
