// SPDX-License-Identifier: MIT
// Calls to Xen: what they hand over, the words for a refusal, what is counted, and what becomes of them without
// Xen.
#include <gtest/gtest.h>

#include <string>

#include <guest/hypercalls.hpp>

#include "test/scripted_xen.hpp"

namespace enlighten::guest {
namespace {

using test::Scripted_xen;

struct Hypercalls_test : testing::Test {
  Hypercalls_test() { xen.cpu_local = &self; }

  Scripted_xen xen;
  arch::hosted::Installed_machine installed{xen};
  Cpu_local self;
  Hypercalls present{Hypercalls::Presence::present};
  Hypercalls absent{Hypercalls::Presence::absent};
};

TEST_F(Hypercalls_test, are_not_made_without_xen_and_say_which_one_it_was) {
  abi::Vcpu_info info;
  abi::Evtchn_send send{.port = Port{3}};
  const Result<> sent = absent.event_channel(Call::event_send, abi::Event_channel_op::send, send);
  const Result<> registered = absent.register_vcpu_info(Vcpu_id{0}, info);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind(), Error_kind::not_on_xen);
  EXPECT_STREQ(sent.error().text(), "EVTCHNOP_send: not on Xen");
  ASSERT_FALSE(registered);
  EXPECT_STREQ(registered.error().text(), "VCPUOP_register_vcpu_info: not on Xen");
  EXPECT_FALSE(absent.version());
  EXPECT_TRUE(xen.calls.empty());
  EXPECT_EQ(self.calls[Call::event_send], 0U);
}

TEST_F(Hypercalls_test, name_the_call_and_xens_reason_when_refused) {
  xen.refusals["send"] = abi::Errno::einval;
  abi::Evtchn_send send{.port = Port{3}};
  const Result<> sent = present.event_channel(Call::event_send, abi::Event_channel_op::send, send);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind(), Error_kind::hypercall);
  EXPECT_EQ(sent.error().number(), 22);
  EXPECT_STREQ(sent.error().text(), "EVTCHNOP_send: Xen refused (22, EINVAL: invalid argument or state)");

  xen.refusals["register_vcpu_info"] = abi::Errno::ebusy;
  const Result<> registered = present.register_vcpu_info(Vcpu_id{2}, abi::Vcpu_info{});
  ASSERT_FALSE(registered);
  EXPECT_EQ(registered.error().number(), 16);
  EXPECT_STREQ(registered.error().text(),
               "VCPUOP_register_vcpu_info: Xen refused (16, EBUSY: busy or already in use)");
}

TEST_F(Hypercalls_test, are_counted_by_kind_for_the_cpu_that_makes_them) {
  abi::Evtchn_send send{.port = Port{3}};
  Cpu_local other;
  static_cast<void>(present.event_channel(Call::event_send, abi::Event_channel_op::send, send));
  xen.refusals["send"] = abi::Errno::einval;
  static_cast<void>(present.event_channel(Call::event_send, abi::Event_channel_op::send, send));
  xen.cpu_local = &other;
  static_cast<void>(present.version());
  EXPECT_EQ(self.calls[Call::event_send], 2U);
  EXPECT_EQ(self.calls[Call::xen_version], 0U);
  EXPECT_EQ(other.calls[Call::xen_version], 2U);
}

TEST_F(Hypercalls_test, tell_the_version_in_its_parts) {
  const Result<Xen_version> version = present.version();
  ASSERT_TRUE(version);
  EXPECT_EQ(version->major, 4U);
  EXPECT_EQ(version->minor, 17U);
  EXPECT_EQ(version->extra.view(), ".5");
}

TEST_F(Hypercalls_test, hand_vcpu_info_over_by_frame_and_offset) {
  struct alignas(abi::page_size) {
    char before[256];
    abi::Vcpu_info info;
  } page;
  ASSERT_TRUE(present.register_vcpu_info(Vcpu_id{17}, page.info));
  EXPECT_EQ(xen.calls, (std::vector<std::string>{"register_vcpu_info vcpu 17"}));
  EXPECT_EQ(xen.vcpu_infos.at(Vcpu_id{17}), reinterpret_cast<std::uintptr_t>(&page.info));
  EXPECT_EQ(offset_in_frame(&page.info), 256U);
}

}  // namespace
}  // namespace enlighten::guest
