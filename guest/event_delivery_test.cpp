// SPDX-License-Identifier: MIT
// Event channels: that moving, closing and delivering do not meet badly.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <abi/virq.hpp>
#include <guest/event_channels.hpp>

#include "test/event_channels_fixture.hpp"

namespace enlighten::guest {
namespace {

TEST_P(Bind, after_a_move_events_are_the_new_vcpus) {
  Counter counter;
  const Bound_port port = movable(2, &counter);
  domain.xen.calls.clear();
  ASSERT_TRUE(port.move_to(domain.ready(3)));
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_vcpu port 1 vcpu 3"}));
  raise(port, 3);
  EXPECT_EQ(domain.deliver(2).value(), 0U);
  EXPECT_EQ(domain.deliver(3).value(), 1U);
}

TEST_P(Bind, a_refused_move_changes_nothing) {
  Counter counter;
  const Bound_port port = movable(2, &counter);
  domain.xen.refusals["bind_vcpu"] = abi::Errno::einval;
  EXPECT_EQ(error_of(port.move_to(domain.ready(3))),
            "EVTCHNOP_bind_vcpu: Xen refused (22, EINVAL: invalid argument or state)");
  raise(port, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
}

// The old vCPU is in the handler when the new one takes the next event.
TEST_P(Bind, the_handler_of_a_port_that_moves_keeps_to_one_event_at_a_time) {
  Counter counter;
  const Bound_port port = movable(2, &counter);
  bool within = false;
  counter.action = [&] {
    EXPECT_FALSE(within) << "two handlers at a time";
    within = true;
    if (counter.events == 1) {
      ASSERT_TRUE(port.move_to(domain.ready(3)));
      raise(port, 3);
      EXPECT_EQ(domain.deliver(3).value(), 1U);
      EXPECT_EQ(counter.events, 1);
    }
    within = false;
  };
  raise(port, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
  EXPECT_EQ(counter.events, 2) << "the second event is handled by whoever was at the first";
  raise(port, 3);
  EXPECT_EQ(domain.deliver(3).value(), 1U);
  EXPECT_EQ(counter.events, 3);
}

TEST_P(Bind, moving_keeps_what_another_vcpu_says_of_the_mask_meanwhile) {
  const Bound_port ports[] = {movable(2, nullptr), movable(2, nullptr)};
  for (const bool masked_before : {false, true}) {
    const Bound_port& port = ports[masked_before ? 1 : 0];
    if (masked_before) {
      port.mask();
    }
    Fiber other{[&] {
      domain.as(Cpu{1});
      if (masked_before) {
        EXPECT_TRUE(port.unmask());
      } else {
        port.mask();
      }
    }};
    domain.xen.while_waiting = [&] { other.leave(); };
    domain.xen.meanwhile = [&](const std::string& call) {
      if (call.starts_with("bind_vcpu")) {
        other.enter();
        domain.as(Cpu{0});
      }
    };
    ASSERT_TRUE(port.move_to(domain.ready(3)));
    domain.xen.meanwhile = nullptr;
    while (!other.is_done()) {
      other.enter();
    }
    domain.as(Cpu{0});
    // A port that is masked keeps its event.
    raise(port, 3);
    EXPECT_EQ(domain.deliver(3).value(), masked_before ? 1U : 0U);
  }
}

TEST_P(Bind, all_ports_that_can_leave_a_vcpu_and_no_others) {
  const Bound_port fixed = ipi(2, nullptr);
  const Bound_port one = movable(2, nullptr);
  const Bound_port elsewhere = movable(3, nullptr);
  Bound_port gone = movable(2, nullptr);
  const Bound_port two = movable(2, nullptr);
  ASSERT_TRUE(gone.close());
  domain.xen.calls.clear();
  ASSERT_TRUE(domain.events.move_ports(domain.ready(2), domain.ready(0)));
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_vcpu port 2 vcpu 1", "bind_vcpu port 5 vcpu 1"}));
  ASSERT_TRUE(domain.events.move_ports(domain.ready(2), domain.ready(0)));
  EXPECT_EQ(domain.xen.take_calls(), Calls{}) << "they are there already";
}

TEST_P(Bind, one_port_that_xen_will_not_move_does_not_keep_the_others) {
  const Bound_port one = movable(2, nullptr);
  const Bound_port two = movable(2, nullptr);
  domain.xen.calls.clear();
  domain.xen.meanwhile = [&](const std::string& call) {
    if (call == "bind_vcpu port 1 vcpu 3") {
      domain.xen.refusals["bind_vcpu"] = abi::Errno::einval;
    } else {
      domain.xen.refusals.clear();
    }
  };
  EXPECT_FALSE(domain.events.move_ports(domain.ready(2), domain.ready(3)));
  EXPECT_EQ(domain.xen.calls.at(1), "bind_vcpu port 2 vcpu 3");
}

// --- Closing.

TEST_P(Bind, closing_waits_for_the_handler_on_another_vcpu) {
  Counter counter;
  Bound_port port = ipi(2, &counter);
  bool closed = false;
  Fiber closer{[&] {
    domain.as(Cpu{1});
    EXPECT_TRUE(port.close());
    closed = true;
  }};
  domain.xen.while_waiting = [&] { closer.leave(); };
  counter.action = [&] {
    closer.enter();
    domain.as(Cpu{2});
    EXPECT_FALSE(closed) << "the handler is still at work";
  };
  raise(port, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
  ASSERT_FALSE(closed);
  closer.enter();
  domain.as(Cpu{0});
  EXPECT_TRUE(closed);
  EXPECT_EQ(domain.xen.calls.back(), "close port 1");
}

TEST_P(Bind, closing_does_not_wait_for_handlers_of_other_ports) {
  Counter counter;
  Bound_port busy = ipi(2, &counter);
  Bound_port port = ipi(2, nullptr);
  counter.action = [&] {
    domain.as(Cpu{1});
    EXPECT_TRUE(port.close());
    domain.as(Cpu{2});
  };
  raise(busy, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
}

TEST_P(Bind, a_handler_may_close_its_own_port_and_be_gone) {
  auto counter = std::make_unique<Counter>();
  Bound_port port = movable(2, counter.get());
  counter->action = [&] {
    EXPECT_TRUE(port.close());
    counter.reset();
  };
  raise(port, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
  EXPECT_EQ(counter, nullptr);
}

// The number may come back at once, bound to another vCPU; of what goes on there the old handler's vCPU keeps out.
TEST_P(Bind, a_port_bound_anew_in_the_handler_of_its_former_self_is_a_new_one) {
  Counter next;
  Bound_port again;
  Counter counter;
  Bound_port port = movable(2, &counter);
  counter.action = [&] {
    ASSERT_TRUE(port.close());
    again = movable(3, &next);
    EXPECT_EQ(again.port(), Port{1});
    raise(again, 3);
    EXPECT_EQ(domain.deliver(3).value(), 1U);
    EXPECT_EQ(next.events, 1) << "at once: nobody else is at it";
  };
  raise(port, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
  EXPECT_EQ(next.events, 1);
  raise(again, 3);
  EXPECT_EQ(domain.deliver(3).value(), 1U);
  EXPECT_EQ(next.events, 2);
}

TEST_P(Bind, an_event_of_a_port_closed_meanwhile_reaches_nobody) {
  Counter counter;
  Bound_port port = ipi(2, &counter);
  raise(port, 2);
  ASSERT_TRUE(port.close());
  EXPECT_EQ(domain.deliver(2).value(), 0U);
  EXPECT_EQ(counter.events, 0);
}

// --- Resetting.

TEST_P(Bind, after_a_reset_nothing_is_delivered_and_every_port_is_harmless) {
  Counter counter;
  {
    Bound_port port = ipi(2, &counter);
    raise(port, 2);
    ASSERT_TRUE(domain.events.reset());
    EXPECT_EQ(domain.xen.calls.back(), "reset");
    domain.xen.calls.clear();
    EXPECT_EQ(domain.deliver(2).value(), 0U);
    port.mask();
    port.clear_pending();
    EXPECT_FALSE(port.is_pending());
    EXPECT_EQ(error_of(port.send()), "event channels: cannot send to port 1 after the reset of all");
    EXPECT_EQ(error_of(domain.events.bind_ipi(domain.ready(1), &counter)),
              "event channels: cannot bind a port after the reset of all");
    EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_ipi vcpu 0", "close port 2"}));
  }
  EXPECT_EQ(domain.xen.take_calls(), Calls{}) << "there is nothing left to close";
  EXPECT_EQ(counter.events, 0);
}

TEST_P(Bind, a_refused_reset_changes_nothing) {
  Counter counter;
  const Bound_port port = ipi(2, &counter);
  domain.xen.refusals["reset"] = abi::Errno::ebusy;
  EXPECT_FALSE(domain.events.reset());
  domain.xen.refusals.clear();
  raise(port, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
}

// --- The FIFO array, and what Xen or a stray store may do to its queues.

struct Fifo_events : testing::Test {
  Fifo_events() { domain.boot_all(Event_preference::fifo); }

  Bound_port ipi(std::uint32_t cpu, Event_handler* handler) {
    return value_of(domain.events.bind_ipi(domain.ready(cpu), handler));
  }

  Scripted_domain domain{4};
};

TEST_F(Fifo_events, grow_the_array_page_by_page_to_the_port_they_are_given) {
  domain.xen.next_port = Port{2048};
  const Bound_port port = ipi(0, nullptr);
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_ipi vcpu 0", "expand_array", "expand_array", "expand_array"}));
  EXPECT_EQ(domain.fifo_word(Port{2048}), 0U) << "live";
  EXPECT_EQ(domain.fifo_word(Port{2047}), abi::event_word::masked) << "not bound";
}

TEST_F(Fifo_events, survive_a_refused_page_and_ask_again_with_the_next_port) {
  domain.xen.refusals["expand_array"] = abi::Errno::enomem;
  EXPECT_FALSE(domain.events.bind_ipi(domain.ready(0), nullptr));
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_ipi vcpu 0", "expand_array", "close port 1"}));
  domain.xen.refusals.clear();
  Counter counter;
  const Bound_port port = ipi(0, &counter);
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_ipi vcpu 0", "expand_array"}));
  domain.raise_fifo(port.port(), 0);
  EXPECT_EQ(domain.deliver(0).value(), 1U);
}

TEST_F(Fifo_events, say_what_there_is_no_page_for) {
  domain.pages.left = 2;  // for the table of ports
  EXPECT_EQ(error_of(domain.events.bind_ipi(domain.ready(0), nullptr)),
            "event channels: no page for the words of port 1");
  EXPECT_EQ(domain.xen.calls.back(), "close port 1");
}

TEST_F(Fifo_events, say_what_there_is_no_room_to_note) {
  domain.pages.left = 1;  // for the table's directory
  EXPECT_EQ(error_of(domain.events.bind_ipi(domain.ready(0), nullptr)),
            "event channels: no page to note port 1 in");
  EXPECT_EQ(domain.xen.calls.back(), "close port 1");
}

TEST_F(Fifo_events, refuse_a_port_beyond_all_there_can_be) {
  domain.xen.next_port = Port{abi::fifo_ports};
  EXPECT_EQ(error_of(domain.events.bind_ipi(domain.ready(0), nullptr)),
            "event channels: Xen gave port 131072, the last can be 131071");
  EXPECT_EQ(domain.xen.calls.back(), "close port 131072");
}

TEST_F(Fifo_events, of_whole_queues_are_delivered_when_another_one_is_broken) {
  Counter counter;
  const Bound_port port = ipi(2, &counter);
  domain.raise_fifo(port.port(), 2);
  domain.vcpu(2).shared.block.ready |= 1;  // queue 0, which has no head
  EXPECT_EQ(error_of(domain.deliver(2)), "event queue 0 at port 0 is ready and has no head");
  EXPECT_EQ(counter.events, 1) << "no upcall would tell of it again";
  EXPECT_EQ(domain.vcpu(2).events.delivered(), 1U);
}

TEST_F(Fifo_events, of_a_broken_queue_are_found_by_their_words) {
  Counter counter;
  const Bound_port lost = ipi(2, &counter);
  const Bound_port other = ipi(3, &counter);
  Bound_port closed = ipi(2, &counter);
  domain.fifo_word(lost.port()) |= abi::event_word::pending | abi::event_word::linked;
  domain.fifo_word(other.port()) |= abi::event_word::pending | abi::event_word::linked;
  domain.fifo_word(closed.port()) |= abi::event_word::linked;
  ASSERT_TRUE(closed.close());
  domain.vcpu(2).shared.block.ready = std::uint32_t{1} << abi::fifo_priority_default;
  EXPECT_FALSE(domain.deliver(2));
  EXPECT_EQ(counter.events, 1);
  EXPECT_EQ(counter.last, lost.port());
  EXPECT_EQ(domain.fifo_word(other.port()) & abi::event_word::linked, abi::event_word::linked)
      << "another vCPU's queue holds it";
  EXPECT_EQ(domain.fifo_word(Port{3}) & abi::event_word::linked, 0U)
      << "or Xen would never hand the port out again";
}

TEST_F(Fifo_events, do_not_keep_a_vcpu_in_repairs_for_ever) {
  Counter counter;
  const Bound_port port = ipi(2, &counter);
  const auto break_queue = [&] {
    domain.fifo_word(port.port()) |= abi::event_word::pending | abi::event_word::linked;
    domain.vcpu(2).shared.block.ready = std::uint32_t{1} << abi::fifo_priority_default;
  };
  counter.action = break_queue;
  break_queue();
  EXPECT_FALSE(domain.deliver(2));
  EXPECT_GE(counter.events, 1);
}

TEST_F(Fifo_events, have_sixteen_priorities) {
  const Bound_port port = ipi(2, nullptr);
  domain.xen.calls.clear();
  EXPECT_TRUE(port.set_priority(3));
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"set_priority port 1 to 3"}));
  domain.xen.refusals["set_priority"] = abi::Errno::einval;
  EXPECT_EQ(error_of(port.set_priority(16)),
            "EVTCHNOP_set_priority: Xen refused (22, EINVAL: invalid argument or state)");
}

TEST(Two_level_events, have_no_priorities) {
  Scripted_domain domain{1};
  domain.boot_all(Event_preference::two_level);
  const Bound_port port = value_of(domain.events.bind_ipi(domain.ready(0), nullptr));
  EXPECT_EQ(error_of(port.set_priority(3)),
            "EVTCHNOP_set_priority: Xen refused (38, ENOSYS: this Xen has no such call)");
}

}  // namespace
}  // namespace enlighten::guest
