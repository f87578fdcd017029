// SPDX-License-Identifier: MIT
// Event channels: which calls are made in which order when the ABI is chosen and ports are bound, and what an error
// leaves behind.
#include <gtest/gtest.h>

#include <algorithm>
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

TEST(Event_channels_boot, registers_vcpu_info_before_the_control_block_and_both_of_its_own_vcpu) {
  Scripted_domain domain{4, Vcpu_id{3}};
  ASSERT_TRUE(domain.boot(Event_preference::automatic));
  EXPECT_EQ(domain.events.abi(), Event_abi::fifo);
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"register_vcpu_info vcpu 3", "init_control vcpu 3"}));
  auto& shared = domain.vcpu(0).shared;
  EXPECT_EQ(domain.xen.vcpu_infos.at(Vcpu_id{3}), reinterpret_cast<std::uintptr_t>(&shared.info));
  EXPECT_EQ(domain.xen.control_blocks.at(Vcpu_id{3}), reinterpret_cast<std::uintptr_t>(&shared.block));

  ASSERT_TRUE(domain.start(2));
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"register_vcpu_info vcpu 1", "init_control vcpu 1"}));
  EXPECT_EQ(domain.ready(2).vcpu(), Vcpu_id{1});
  EXPECT_EQ(domain.ready(2).cpu(), Cpu{2});
}

TEST(Event_channels_boot, asks_xen_for_nothing_when_a_vcpu_is_on_again) {
  Scripted_domain domain{2};
  domain.boot_all(Event_preference::automatic);
  ASSERT_TRUE(domain.start(1));
  EXPECT_EQ(domain.xen.take_calls(), Calls{});
}

TEST(Event_channels_boot, falls_back_to_2_level_when_fifo_is_refused) {
  for (const abi::Errno reason : {abi::Errno::enosys, abi::Errno::einval, abi::Errno::enomem}) {
    Scripted_domain domain{2};
    domain.xen.refusals["init_control"] = reason;
    const Result<> booted = domain.boot(Event_preference::automatic);
    ASSERT_TRUE(booted) << booted.error().text();
    EXPECT_EQ(domain.events.abi(), Event_abi::two_level);
    for (const std::uint64_t word : domain.shared_info.evtchn_mask) {
      EXPECT_EQ(word, ~std::uint64_t{0}) << "Xen's ports are born live";
    }
    domain.xen.calls.clear();
    ASSERT_TRUE(domain.start(1));
    EXPECT_EQ(domain.xen.take_calls(), (Calls{"register_vcpu_info vcpu 1"})) << "no control block at 2-level";
  }
}

TEST(Event_channels_boot, does_not_ask_for_fifo_when_told_not_to) {
  Scripted_domain domain{1};
  ASSERT_TRUE(domain.boot(Event_preference::two_level));
  EXPECT_EQ(domain.events.abi(), Event_abi::two_level);
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"register_vcpu_info vcpu 0", "set_priority port 0 to 7"}));
}

TEST(Event_channels_boot, says_why_when_fifo_is_demanded_and_refused) {
  Scripted_domain domain{1};
  domain.xen.refusals["init_control"] = abi::Errno::enosys;
  const Result<> booted = domain.boot(Event_preference::fifo);
  EXPECT_EQ(error_of(booted),
            "no FIFO events: EVTCHNOP_init_control: Xen refused (38, ENOSYS: this Xen has no such call)");
  EXPECT_EQ(booted.error().number(), 38);
}

TEST(Event_channels_boot, falls_back_without_memory_for_the_array_before_xen_has_switched) {
  Scripted_domain domain{1};
  domain.pages.left = 0;
  ASSERT_TRUE(domain.boot(Event_preference::automatic));
  EXPECT_EQ(domain.events.abi(), Event_abi::two_level);
  EXPECT_FALSE(domain.xen.at_fifo);
}

// Xen is at FIFO when it answers: 2-level would be silence.
TEST(Event_channels_boot, gives_up_when_xen_grants_links_of_another_width) {
  Scripted_domain domain{1};
  domain.xen.link_bits = 20;
  EXPECT_EQ(error_of(domain.boot(Event_preference::automatic)),
            "no FIFO events: EVTCHNOP_init_control: links of 20 bits, expected 17");
}

// A control block of an earlier program: Xen refuses another one with EINVAL and stays at FIFO.
TEST(Event_channels_boot, does_not_mistake_what_an_earlier_program_left_for_2_level) {
  for (const Event_preference preference : {Event_preference::automatic, Event_preference::two_level}) {
    Scripted_domain domain{1};
    domain.xen.at_fifo = true;
    domain.xen.refusals["init_control"] = abi::Errno::einval;
    EXPECT_EQ(
        error_of(domain.boot(preference)),
        "event channels: an earlier program has left this domain at the FIFO ABI; EVTCHNOP_reset would end that");
  }
}

TEST(Event_channels_boot, passes_the_refusal_of_vcpu_info_on) {
  Scripted_domain domain{1};
  domain.xen.refusals["register_vcpu_info"] = abi::Errno::einval;
  EXPECT_EQ(error_of(domain.boot(Event_preference::automatic)),
            "VCPUOP_register_vcpu_info: Xen refused (22, EINVAL: invalid argument or state)");
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"register_vcpu_info vcpu 0"}));
}

// --- Binding.

INSTANTIATE_TEST_SUITE_P(Event_channels, Bind, testing::Values(Event_preference::two_level, Event_preference::fifo),
                         [](const auto& parameter) {
                           return std::string{parameter.param == Event_preference::fifo ? "fifo" : "two_level"};
                         });

TEST_P(Bind, an_ipi_is_born_where_it_belongs_and_only_its_first_page_costs_a_call) {
  Counter counter;
  const Bound_port first = ipi(2, &counter);
  EXPECT_EQ(domain.xen.take_calls(),
            at_fifo() ? (Calls{"bind_ipi vcpu 2", "expand_array"}) : (Calls{"bind_ipi vcpu 2"}));
  const Bound_port second = ipi(3, &counter);
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_ipi vcpu 3"}));
  raise(second, 3);
  EXPECT_EQ(domain.deliver(2).value(), 0U);
  EXPECT_EQ(domain.deliver(3).value(), 1U);
  EXPECT_EQ(counter.events, 1);
  EXPECT_EQ(counter.last, second.port());
}

TEST_P(Bind, what_moves_is_born_on_vcpu_0_and_moved_unless_that_is_the_one) {
  Counter counter;
  const Bound_port here = movable(1, &counter);
  const Bound_port there = movable(2, &counter);
  EXPECT_EQ(domain.xen.calls.back(), "bind_vcpu port " + std::to_string(there.port().value()) + " vcpu 2");
  for (const std::string& call : domain.xen.calls) {
    EXPECT_NE(call, "bind_vcpu port " + std::to_string(here.port().value()) + " vcpu 0");
  }
  raise(there, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
}

TEST_P(Bind, a_virq_of_the_domain_goes_to_any_vcpu_by_way_of_vcpu_0) {
  const Bound_port port = value_of(domain.events.bind_virq(abi::virq_argo, domain.ready(2), nullptr));
  EXPECT_EQ(domain.xen.calls.front(), "bind_virq vcpu 0");
  EXPECT_EQ(domain.xen.calls.back(), "bind_vcpu port 1 vcpu 2");
  const Bound_port timer = value_of(domain.events.bind_virq(abi::virq_timer, domain.ready(2), nullptr));
  EXPECT_EQ(domain.xen.calls.back(), "bind_virq vcpu 2");
}

TEST_P(Bind, a_port_whose_vcpu_xen_refuses_is_closed_again) {
  domain.xen.refusals["bind_vcpu"] = abi::Errno::enoent;
  const Result<Bound_port> port = domain.events.alloc_unbound(abi::domain_self, domain.ready(2), nullptr);
  EXPECT_EQ(error_of(port), "EVTCHNOP_bind_vcpu: Xen refused (2, ENOENT: no such object or vCPU)");
  EXPECT_EQ(domain.xen.calls.back(), "close port 1");
}

TEST_P(Bind, an_event_that_comes_before_the_handler_waits_for_it) {
  Counter counter;
  domain.xen.meanwhile = [&](const std::string& call) {
    // As Xen does for bind_interdomain; the port is masked by then.
    if (call == "bind_vcpu port 2 vcpu 2") {
      if (at_fifo()) {
        domain.raise_fifo(Port{2}, 2);
      } else {
        domain.raise_two_level(Port{2}, 2);
      }
      EXPECT_EQ(domain.deliver(2).value(), 0U);
    }
  };
  const Bound_port first = ipi(1, nullptr);  // for the array to have its page
  const Bound_port port = movable(2, &counter);
  EXPECT_EQ(domain.xen.calls.back(), "unmask port 2") << "only Xen can raise it now";
  EXPECT_EQ(counter.events, 0);
}

TEST_P(Bind, a_port_of_another_domain_is_bound_to_and_served_where_it_was_asked_for) {
  Counter counter;
  const Bound_port port =
      value_of(domain.events.bind_interdomain(Domain_id{3}, Port{9}, domain.ready(2), &counter));
  EXPECT_EQ(domain.xen.calls.front(), "bind_interdomain port 9 of 3");
  EXPECT_EQ(domain.xen.calls.back(), "bind_vcpu port 1 vcpu 2");
  raise(port, 2);
  EXPECT_EQ(domain.deliver(2).value(), 1U);
  EXPECT_EQ(counter.last, Port{1}) << "ours, not the other domain's";
}

TEST_P(Bind, a_refusal_to_bind_to_another_domain_leaves_nothing_to_close) {
  domain.xen.refusals["bind_interdomain"] = abi::Errno::einval;
  const auto port = domain.events.bind_interdomain(Domain_id{3}, Port{9}, domain.ready(2), nullptr);
  EXPECT_EQ(error_of(port), "EVTCHNOP_bind_interdomain: Xen refused (22, EINVAL: invalid argument or state)");
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"bind_interdomain port 9 of 3"}));
}

TEST_P(Bind, an_event_taken_back_is_neither_delivered_nor_raised_again) {
  Counter counter;
  const Bound_port port = value_of(domain.events.bind_ipi(domain.ready(0), &counter, Initially::masked));
  raise(port, 0);
  ASSERT_TRUE(port.is_pending());
  port.clear_pending();
  EXPECT_FALSE(port.is_pending());
  domain.xen.calls.clear();
  ASSERT_TRUE(port.unmask());
  EXPECT_EQ(domain.xen.take_calls(), Calls{}) << "nothing is left for Xen to raise";
  EXPECT_EQ(domain.deliver(0).value(), 0U);
  EXPECT_EQ(counter.events, 0);
}

TEST_P(Bind, what_xen_knows_of_a_port_is_told_as_xen_tells_it) {
  domain.xen.port_state = abi::Evtchn_state::ipi;
  domain.xen.port_vcpu = Vcpu_id{3};
  const Bound_port port = ipi(2, nullptr);
  const Result<abi::Evtchn_status> status = port.status();
  ASSERT_TRUE(status);
  EXPECT_EQ(domain.xen.calls.back(), "status port 1");
  EXPECT_EQ(status->status, abi::Evtchn_state::ipi);
  EXPECT_EQ(status->vcpu, Vcpu_id{3});
  domain.xen.refusals["status"] = abi::Errno::eperm;
  EXPECT_FALSE(port.status());
}

TEST_P(Bind, a_port_that_was_there_before_is_attached_moved_here_and_never_closed) {
  domain.xen.port_state = abi::Evtchn_state::interdomain;
  Counter counter;
  {
    const Bound_port port = value_of(domain.events.attach(Port{5}, domain.ready(1), &counter));
    EXPECT_EQ(port.port(), Port{5});
    raise(port, 1);
    EXPECT_EQ(domain.deliver(1).value(), 1U);
    EXPECT_EQ(counter.last, Port{5});
    ASSERT_TRUE(port.move_to(domain.ready(2)));
  }
  const Calls calls = domain.xen.take_calls();
  EXPECT_EQ(std::ranges::count(calls, "close port 5"), 0);
  EXPECT_EQ(std::ranges::count(calls, "bind_vcpu port 5 vcpu 0"), 1) << "an earlier program may have moved it";
  const Bound_port again = value_of(domain.events.attach(Port{5}, domain.ready(0), &counter));
  EXPECT_TRUE(again);
}

TEST_P(Bind, a_port_that_nobody_has_bound_is_not_attached) {
  domain.xen.port_state = abi::Evtchn_state::closed;
  const Result<Bound_port> port = domain.events.attach(Port{5}, domain.ready(0), nullptr);
  EXPECT_EQ(error_of(port), "event channels: port 5, said to be there for us, is not bound");
  domain.xen.refusals["status"] = abi::Errno::einval;
  EXPECT_FALSE(domain.events.attach(Port{5}, domain.ready(0), nullptr));
}

TEST_P(Bind, a_masked_port_stays_masked_and_delivers_what_came_when_it_no_longer_is) {
  Counter counter;
  const Bound_port port = value_of(domain.events.bind_ipi(domain.ready(0), &counter, Initially::masked));
  domain.xen.calls.clear();
  raise(port, 0);
  EXPECT_EQ(domain.deliver(0).value(), 0U);
  EXPECT_TRUE(port.is_pending());
  ASSERT_TRUE(port.unmask());
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"unmask port 1"}));
}

TEST_P(Bind, unmasking_costs_no_call_when_nothing_came) {
  const Bound_port port = ipi(0, nullptr);
  domain.xen.calls.clear();
  port.mask();
  ASSERT_TRUE(port.unmask());
  EXPECT_EQ(domain.xen.take_calls(), Calls{});
}

TEST_P(Bind, a_closed_port_is_masked_for_whoever_gets_it_next) {
  Counter counter;
  Bound_port port = ipi(0, &counter);
  ASSERT_TRUE(port.close());
  EXPECT_EQ(domain.xen.calls.back(), "close port 1");
  EXPECT_FALSE(port);
  const Result<Bound_port> again = domain.events.bind_ipi(domain.ready(1), nullptr, Initially::masked);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->port(), Port{1});
  raise(*again, 1);
  EXPECT_EQ(domain.deliver(0).value(), 0U);
  EXPECT_EQ(domain.deliver(1).value(), 0U);
  EXPECT_EQ(counter.events, 0);
}

TEST_P(Bind, a_port_closes_when_its_owner_goes_or_takes_another) {
  {
    Bound_port one = ipi(0, nullptr);
    Bound_port two = ipi(0, nullptr);
    domain.xen.calls.clear();
    one = std::move(two);
    EXPECT_EQ(domain.xen.take_calls(), (Calls{"close port 1"}));
  }
  EXPECT_EQ(domain.xen.take_calls(), (Calls{"close port 2"}));
}

TEST_P(Bind, an_empty_port_says_what_cannot_be_done_with_it) {
  const Bound_port port;
  EXPECT_EQ(error_of(port.send()), "event channels: cannot send to a port that is not bound");
  EXPECT_EQ(error_of(port.unmask()), "event channels: cannot unmask a port that is not bound");
  EXPECT_EQ(error_of(port.move_to(domain.ready(1))), "event channels: cannot move a port that is not bound");
  EXPECT_EQ(error_of(port.set_priority(1)), "event channels: cannot set the priority of a port that is not bound");
  EXPECT_EQ(error_of(port.status()), "event channels: cannot ask about a port that is not bound");
  EXPECT_FALSE(port.is_pending());
  port.mask();
  port.clear_pending();
  EXPECT_EQ(domain.xen.take_calls(), Calls{});
}

TEST_P(Bind, without_memory_a_port_is_closed_again_and_the_words_say_what_for) {
  domain.pages.left = 0;
  const Result<Bound_port> port = domain.events.bind_ipi(domain.ready(0), nullptr);
  EXPECT_EQ(error_of(port), "event channels: no page to note port 1 in");
  EXPECT_EQ(domain.xen.calls.back(), "close port 1");
}

// --- Moving.

}  // namespace
}  // namespace enlighten::guest
