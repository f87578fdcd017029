// SPDX-License-Identifier: MIT
// Tests of what each EVTCHNOP_* returns, on every release.
#include <model/event_channels.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <abi/domain_id.hpp>
#include <abi/virq.hpp>

#include "test/fake_domain.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using Op = abi::Event_channel_op;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Port far_away{5000};
constexpr Port never_bound{60};
constexpr Vcpu_id vcpu0{0};
constexpr Vcpu_id vcpu1{1};
constexpr Vcpu_id no_vcpu{99};
constexpr Domain_id no_domain{99};

class Event_channel_operations : public testing::TestWithParam<Release> {
 protected:
  Fake_machine machine_;
  Fake_domain guest_{machine_, {.release = GetParam()}};

  // The port of a virtual interrupt, or what was returned instead.
  std::int64_t bind_virq(Virq virq, Vcpu_id vcpu, Port* port = nullptr) {
    abi::Evtchn_bind_virq bind{.virq = virq, .vcpu = vcpu};
    const std::int64_t result = guest_.call(Op::bind_virq, bind);
    if (port != nullptr) {
      *port = bind.port;
    }
    return result;
  }

  Port alloc_unbound() {
    abi::Evtchn_alloc_unbound alloc{.dom = abi::domain_self, .remote_dom = abi::domain_self};
    EXPECT_EQ(guest_.call(Op::alloc_unbound, alloc), 0);
    return alloc.port;
  }

  std::int64_t close(Port port) { return guest_.call(Op::close, abi::Evtchn_close{port}); }
  std::int64_t bind_vcpu(Port port, Vcpu_id vcpu) {
    return guest_.call(Op::bind_vcpu, abi::Evtchn_bind_vcpu{port, vcpu});
  }
  std::int64_t reset(Domain_id domain) { return guest_.call(Op::reset, abi::Evtchn_reset{domain}); }
};

INSTANTIATE_TEST_SUITE_P(releases, Event_channel_operations,
                         testing::Values(Release::v4_17, Release::v4_18, Release::v4_19, Release::v4_20,
                                         Release::v4_21, Release::v4_22, Release::master),
                         [](const auto& one) {
                           constexpr std::uint32_t minor = 0xffff;
                           return "v4_" + std::to_string(version_number(one.param) & minor);
                         });

TEST_P(Event_channel_operations, an_ipi_of_no_vcpu_is_refused) {
  EXPECT_EQ(guest_.call(Op::bind_ipi, abi::Evtchn_bind_ipi{.vcpu = no_vcpu}), refused(Errno::enoent));
}

TEST_P(Event_channel_operations, a_virq_of_a_vcpu_is_bound_once_on_each) {
  EXPECT_EQ(bind_virq(abi::virq_timer, vcpu0), 0);
  EXPECT_EQ(bind_virq(abi::virq_timer, vcpu0), refused(Errno::eexist));
  EXPECT_EQ(bind_virq(abi::virq_timer, vcpu1), 0);
  EXPECT_EQ(bind_virq(abi::virq_timer, no_vcpu), refused(Errno::enoent));
}

TEST_P(Event_channel_operations, a_virq_can_be_bound_again_after_close) {
  Port port{0};
  ASSERT_EQ(bind_virq(abi::virq_debug, vcpu1, &port), 0);
  EXPECT_EQ(guest_.status(port).vcpu, vcpu1);
  EXPECT_EQ(close(port), 0);
  EXPECT_EQ(bind_virq(abi::virq_debug, vcpu1), 0);
}

TEST_P(Event_channel_operations, there_are_24_virqs) {
  EXPECT_EQ(bind_virq(Virq{24}, vcpu0), refused(Errno::einval));
  EXPECT_EQ(bind_virq(Virq{0xffffffff}, vcpu0), refused(Errno::einval));
}

TEST_P(Event_channel_operations, a_virq_of_the_machine_is_its_handlers_alone_since_4_21) {
  const std::int64_t expected = GetParam() >= Release::v4_21 ? refused(Errno::ebusy) : 0;
  for (const std::uint32_t virq :
       {2U, 3U, 4U, 5U, 6U, 8U, 9U, 10U, 12U, 14U, 16U, 17U, 18U, 19U, 20U, 21U, 22U, 23U}) {
    EXPECT_EQ(bind_virq(Virq{virq}, vcpu1), refused(Errno::einval)) << virq;
    EXPECT_EQ(bind_virq(Virq{virq}, vcpu0), expected) << virq;
  }
}

TEST_P(Event_channel_operations, the_argo_virq_is_any_domains_and_can_be_moved) {
  Port port{0};
  ASSERT_EQ(bind_virq(abi::virq_argo, vcpu0, &port), 0);
  EXPECT_EQ(bind_vcpu(port, vcpu1), 0);
  EXPECT_EQ(close(port), 0);
  EXPECT_EQ(bind_virq(abi::virq_argo, vcpu0), 0);
}

TEST_P(Event_channel_operations, there_are_no_physical_interrupts) {
  EXPECT_EQ(guest_.call(Op::bind_pirq, abi::Evtchn_bind_pirq{.pirq = 0}),
            refused(GetParam() >= Release::v4_19 ? Errno::eopnotsupp : Errno::enomem));
}

TEST_P(Event_channel_operations, a_port_that_is_not_open_cannot_be_closed) {
  EXPECT_EQ(close(Port{0}), refused(Errno::einval));
  EXPECT_EQ(close(never_bound), refused(Errno::einval));
  EXPECT_EQ(close(far_away), refused(Errno::einval));
}

TEST_P(Event_channel_operations, status_tells_closed_ports_from_ports_that_do_not_exist) {
  EXPECT_EQ(guest_.status(Port{0}).status, abi::Evtchn_state::closed);
  EXPECT_EQ(guest_.status(never_bound).status, abi::Evtchn_state::closed);
  EXPECT_EQ(guest_.call(Op::status, abi::Evtchn_status{.dom = abi::domain_self, .port = far_away}),
            refused(Errno::einval));
  EXPECT_EQ(guest_.call(Op::status, abi::Evtchn_status{.dom = no_domain, .port = Port{1}}), refused(Errno::esrch));
}

TEST_P(Event_channel_operations, status_tells_what_a_port_is_bound_to) {
  EXPECT_EQ(guest_.status(guest_.bind_ipi(vcpu1)).status, abi::Evtchn_state::ipi);
  Port port{0};
  ASSERT_EQ(bind_virq(abi::virq_debug, vcpu1, &port), 0);
  EXPECT_EQ(guest_.status(port).status, abi::Evtchn_state::virq);
  EXPECT_EQ(guest_.status(port).u.virq, abi::virq_debug);
}

TEST_P(Event_channel_operations, a_domain_learns_its_id_from_the_status_of_a_port_it_made_for_itself) {
  const abi::Evtchn_status status = guest_.status(alloc_unbound());
  EXPECT_EQ(status.status, abi::Evtchn_state::unbound);
  EXPECT_EQ(status.u.unbound, guest_.id());
}

TEST_P(Event_channel_operations, a_port_of_xens_own_is_beyond_the_guests_reach) {
  const Port port = guest_.channels.attach_xen(Domain_id{0}).value();
  EXPECT_EQ(guest_.call(Op::status, abi::Evtchn_status{.dom = abi::domain_self, .port = port}),
            GetParam() >= Release::v4_19 ? 0 : refused(Errno::eacces));
  EXPECT_EQ(close(port), refused(Errno::einval));
  EXPECT_EQ(guest_.send(port), refused(Errno::einval));
  EXPECT_EQ(bind_vcpu(port, vcpu1), refused(Errno::einval));
  EXPECT_EQ(reset(abi::domain_self), 0);
  EXPECT_EQ(guest_.bind_ipi(), Port{port.value() + 1});
}

TEST_P(Event_channel_operations, send_drops_what_nobody_receives_and_refuses_what_cannot_be_sent) {
  Port virq{0};
  ASSERT_EQ(bind_virq(abi::virq_debug, vcpu0, &virq), 0);
  EXPECT_EQ(guest_.send(alloc_unbound()), 0);
  EXPECT_EQ(guest_.send(virq), refused(Errno::einval));
  EXPECT_EQ(guest_.send(never_bound), refused(Errno::einval));
  EXPECT_EQ(guest_.send(Port{0}), refused(Errno::einval));
  EXPECT_EQ(guest_.send(far_away), refused(Errno::einval));
  EXPECT_THAT(guest_.upcalls, IsEmpty());
}

TEST_P(Event_channel_operations, any_port_that_exists_can_be_unmasked) {
  EXPECT_EQ(guest_.call(Op::unmask, abi::Evtchn_unmask{Port{0}}), 0);
  EXPECT_EQ(guest_.call(Op::unmask, abi::Evtchn_unmask{never_bound}), 0);
  EXPECT_EQ(guest_.call(Op::unmask, abi::Evtchn_unmask{far_away}), refused(Errno::einval));
}

TEST_P(Event_channel_operations, ipis_and_virqs_of_a_vcpu_stay_where_they_are) {
  Port virq{0};
  ASSERT_EQ(bind_virq(abi::virq_debug, vcpu0, &virq), 0);
  const Port ipi = guest_.bind_ipi();
  EXPECT_EQ(bind_vcpu(ipi, vcpu1), refused(Errno::einval));
  EXPECT_EQ(bind_vcpu(virq, vcpu1), refused(Errno::einval));
  EXPECT_EQ(bind_vcpu(far_away, vcpu1), refused(Errno::einval));
  EXPECT_EQ(bind_vcpu(Port{0}, vcpu1), refused(Errno::einval));
  EXPECT_EQ(bind_vcpu(far_away, no_vcpu), refused(Errno::enoent));
  EXPECT_EQ(bind_vcpu(alloc_unbound(), vcpu1), 0);
}

TEST_P(Event_channel_operations, no_other_operation_exists) {
  abi::Evtchn_reset argument{abi::domain_self};
  EXPECT_EQ(guest_.call(Op{14}, argument), refused(Errno::ebusy));
  EXPECT_EQ(guest_.call(Op{15}, argument), refused(Errno::enosys));
  EXPECT_EQ(guest_.call(Op{99}, argument), refused(Errno::enosys));
}

TEST_P(Event_channel_operations, an_address_that_is_not_the_guests_is_noticed_before_all_else) {
  for (std::uint32_t operation = 0; operation <= 14; ++operation) {
    EXPECT_EQ(guest_.channels.call(operation, 0x10), refused(Errno::efault)) << operation;
  }
  EXPECT_EQ(guest_.channels.call(99, 0x10), refused(Errno::enosys));
}

TEST_P(Event_channel_operations, without_fifo_there_are_no_priorities_and_no_array) {
  EXPECT_EQ(guest_.call(Op::set_priority, abi::Evtchn_set_priority{guest_.bind_ipi(), 3}), refused(Errno::enosys));
  EXPECT_EQ(guest_.call(Op::set_priority, abi::Evtchn_set_priority{Port{5000}, 3}), refused(Errno::einval));
  EXPECT_EQ(guest_.expand_array(abi::Gfn{1}), refused(Errno::eopnotsupp));
}

TEST_P(Event_channel_operations, a_domain_has_1023_ports_given_out_from_the_lowest) {
  for (std::uint32_t port = 1; port <= 1023; ++port) {
    ASSERT_EQ(guest_.bind_ipi(), Port{port});
  }
  EXPECT_EQ(guest_.call(Op::bind_ipi, abi::Evtchn_bind_ipi{.vcpu = vcpu0}), refused(Errno::enospc));
  EXPECT_EQ(bind_virq(abi::virq_timer, vcpu0), refused(Errno::enospc));
  EXPECT_EQ(close(Port{500}), 0);
  EXPECT_EQ(close(Port{400}), 0);
  EXPECT_EQ(guest_.bind_ipi(), Port{400});
  EXPECT_EQ(guest_.bind_ipi(), Port{500});
}

TEST_P(Event_channel_operations, ports_come_into_being_64_at_a_time) {
  EXPECT_TRUE(guest_.channels.is_valid(Port{63}));
  EXPECT_FALSE(guest_.channels.is_valid(Port{64}));
  for (std::uint32_t port = 1; port <= 64; ++port) {
    guest_.bind_ipi();
  }
  EXPECT_TRUE(guest_.channels.is_valid(Port{127}));
  EXPECT_EQ(close(Port{64}), 0);
  EXPECT_TRUE(guest_.channels.is_valid(Port{127}));
}

TEST_P(Event_channel_operations, reset_closes_every_port) {
  const Port port = guest_.bind_ipi(vcpu1);
  EXPECT_EQ(reset(no_domain), refused(Errno::esrch));
  EXPECT_EQ(reset(abi::domain_self), 0);
  EXPECT_EQ(guest_.status(port).status, abi::Evtchn_state::closed);
  EXPECT_EQ(guest_.status(port).vcpu, vcpu0);
}

TEST_P(Event_channel_operations, one_reset_runs_at_a_time) {
  guest_.bind_ipi();
  std::int64_t second_reset = 0;
  machine_.turns.on_step = [&](const void* where) {
    if (where == nullptr) {
      second_reset = reset(abi::domain_self);
    }
  };
  EXPECT_EQ(reset(abi::domain_self), 0);
  EXPECT_EQ(second_reset, refused(Errno::ebusy));
}

TEST_P(Event_channel_operations, a_reset_notices_a_port_that_was_opened_behind_its_back) {
  guest_.bind_ipi();
  guest_.bind_ipi();
  int turns = 0;
  machine_.turns.on_step = [&](const void* where) {
    // Port 1 is closed already, port 2 is about to be.
    if (where == nullptr && ++turns == 2) {
      EXPECT_EQ(guest_.bind_ipi(), Port{1});
    }
  };
  EXPECT_EQ(reset(abi::domain_self), refused(Errno::eagain));
  machine_.turns.on_step = nullptr;
  EXPECT_EQ(guest_.status(Port{1}).status, abi::Evtchn_state::ipi);
  EXPECT_EQ(reset(abi::domain_self), 0);
}

TEST_P(Event_channel_operations, a_virq_is_raised_where_it_is_bound) {
  guest_.register_vcpu_info(vcpu1);
  Port debug{0};
  Port argo{0};
  ASSERT_EQ(bind_virq(abi::virq_debug, vcpu1, &debug), 0);
  ASSERT_EQ(bind_virq(abi::virq_argo, vcpu0, &argo), 0);
  guest_.channels.raise_virq(abi::virq_debug, vcpu0);
  EXPECT_THAT(guest_.upcalls, IsEmpty());
  guest_.channels.raise_virq(abi::virq_debug, vcpu1);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu1));
  EXPECT_TRUE(guest_.channels.is_pending(debug));
  ASSERT_EQ(bind_vcpu(argo, vcpu1), 0);
  guest_.vcpu_info(vcpu1) = {};
  guest_.channels.raise_virq(abi::virq_argo, vcpu0);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu1, vcpu1));
}

}  // namespace
}  // namespace enlighten::model
