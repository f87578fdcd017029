// SPDX-License-Identifier: MIT
// Tests of event channels as they are asked for.
#include <runner/guest_plan.hpp>

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<Guest> guests() {
  std::vector<Guest> both(2);
  both[0].domain.name = "a";
  both[1].domain.name = "b";
  return both;
}

std::vector<Event_channel> plan(const std::vector<std::string>& of_a, const std::vector<std::string>& of_b) {
  Run_options options;
  options.event_channels = of_a;
  options.more_guests.emplace_back().event_channels = of_b;
  return plan_channels(options, guests());
}

TEST(Channels, lead_from_a_port_of_ones_own_to_one_of_the_other_guest) {
  const auto channels = plan({"10:b:11"}, {"20:a:1023"});
  ASSERT_EQ(channels.size(), 2U);
  EXPECT_EQ(channels[0].one, (Channel_end{0, 10}));
  EXPECT_EQ(channels[0].other, (Channel_end{1, 11}));
  EXPECT_EQ(channels[1].one, (Channel_end{1, 20}));
  EXPECT_EQ(channels[1].other, (Channel_end{0, 1023}));
}

TEST(Channels, are_refused_unless_they_are_two_ports_and_a_name) {
  for (const char* const wrong : {"", "10", "10:b", "10b11"}) {
    EXPECT_THAT([&] { plan({wrong}, {}); }, ThrowsMessage<Failure>(HasSubstr("PORT:NAME:PORT"))) << wrong;
  }
}

TEST(Channels, are_refused_at_ports_that_no_domain_has) {
  for (const char* const wrong :
       {"0:b:11", "10:b:0", "1024:b:11", "10:b:1024", "x:b:11", "10:b:11x", ":b:", "-1:b:2"}) {
    EXPECT_THAT([&] { plan({wrong}, {}); }, ThrowsMessage<Failure>(HasSubstr("ports are 1 to 1023"))) << wrong;
  }
}

TEST(Channels, are_refused_to_nobody_and_to_oneself) {
  EXPECT_THAT([] { plan({"10:c:11"}, {}); },
              ThrowsMessage<Failure>(AllOf(HasSubstr("called c"), HasSubstr("there is a, b"))));
  EXPECT_THAT([] { plan({"10:a:11"}, {}); }, ThrowsMessage<Failure>(HasSubstr("the guest itself")));
}

TEST(Channels, do_not_share_a_port) {
  EXPECT_THAT([] { plan({"10:b:11", "10:b:12"}, {}); },
              ThrowsMessage<Failure>(HasSubstr("port 10 of a is in another channel")));
  EXPECT_THAT([] { plan({"10:b:11"}, {"11:a:12"}); },
              ThrowsMessage<Failure>(HasSubstr("port 11 of b is in another channel")));
  EXPECT_EQ(plan({"10:b:10"}, {"11:a:11"}).size(), 2U);
}

}  // namespace
}  // namespace enlighten::runner
