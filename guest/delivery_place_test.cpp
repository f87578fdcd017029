// SPDX-License-Identifier: MIT
// Waiting for a vCPU to leave a port behind, and taking turns at a handler.
#include <gtest/gtest.h>

#include <guest/delivery_place.hpp>
#include <guest/port_slot.hpp>

#include "test/scripted_xen.hpp"

namespace enlighten::guest {
namespace {

struct Delivery_place_test : testing::Test {
  // The other vCPU goes on whenever the waiting one waits.
  void goes_on_with(std::function<void(int)> step) {
    machine.while_waiting = [this, step] { step(++waits); };
  }

  test::Scripted_xen machine;
  arch::hosted::Installed_machine installed{machine};
  Delivery_place place;
  int waits = 0;
};

TEST_F(Delivery_place_test, is_past_a_port_it_is_not_at) {
  place.wait_past(Port{5});
  place.look();
  place.be_at(Port{6});
  place.wait_past(Port{5});
  place.leave();
  place.wait_past(Port{6});
}

TEST_F(Delivery_place_test, is_waited_for_until_the_handler_of_the_port_is_done) {
  place.look();
  place.be_at(Port{5});
  EXPECT_TRUE(place.is_at(Port{5}));
  goes_on_with([&](int wait) {
    if (wait == 3) {
      place.look();
    }
  });
  place.wait_past(Port{5});
  EXPECT_EQ(waits, 3);
}

// Looking, it may hold an event of the port already.
TEST_F(Delivery_place_test, is_waited_for_while_it_may_be_on_its_way_to_the_port) {
  place.look();
  goes_on_with([&](int wait) {
    if (wait == 2) {
      place.be_at(Port{5});
    } else if (wait == 4) {
      place.look();
    }
  });
  place.wait_past(Port{5});
  EXPECT_EQ(waits, 4);
}

TEST_F(Delivery_place_test, is_not_waited_for_when_what_it_held_was_another_ports) {
  place.look();
  goes_on_with([&](int) { place.be_at(Port{6}); });
  place.wait_past(Port{5});
  EXPECT_EQ(waits, 1);
}

// A vCPU that is never seen doing anything but looking is still past what it looked at first.
TEST_F(Delivery_place_test, is_not_waited_for_until_it_is_idle) {
  place.look();
  goes_on_with([&](int) {
    place.be_at(Port{6});
    place.look();
  });
  place.wait_past(Port{5});
  EXPECT_EQ(waits, 1);
}

TEST(Turn, is_one_vcpus_at_a_time_and_no_event_is_forgotten) {
  Turn turn;
  EXPECT_TRUE(turn.take());
  EXPECT_FALSE(turn.take());
  EXPECT_FALSE(turn.take());
  EXPECT_FALSE(turn.give_back()) << "once more, for both";
  EXPECT_TRUE(turn.give_back());
  EXPECT_TRUE(turn.take());
  EXPECT_TRUE(turn.give_back());
}

}  // namespace
}  // namespace enlighten::guest
