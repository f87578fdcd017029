// SPDX-License-Identifier: MIT
// Tests of channels between two ends: loopback, other domains, who may talk to whom, and channels made at boot.
#include <model/event_channels.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <abi/domain_id.hpp>

#include "test/fake_domain.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using Op = abi::Event_channel_op;
using testing::IsEmpty;

constexpr Vcpu_id vcpu2{2};
constexpr Domain_id no_domain{99};

class Event_peers : public testing::Test {
 protected:
  Fake_machine machine_;
  Fake_domain first_{machine_, {.id = Domain_id{1}}};
  Fake_domain second_{machine_, {.id = Domain_id{2}}};
  Fake_domain control_{machine_, {.id = Domain_id{0}}};

  static std::int64_t alloc_unbound(Fake_domain& caller, Domain_id domain, Domain_id remote, Port* port = nullptr) {
    abi::Evtchn_alloc_unbound alloc{.dom = domain, .remote_dom = remote};
    const std::int64_t result = caller.call(Op::alloc_unbound, alloc);
    if (port != nullptr) {
      *port = alloc.port;
    }
    return result;
  }
  static std::int64_t bind(Fake_domain& caller, Domain_id remote, Port remote_port, Port* port = nullptr) {
    abi::Evtchn_bind_interdomain bind{.remote_dom = remote, .remote_port = remote_port};
    const std::int64_t result = caller.call(Op::bind_interdomain, bind);
    if (port != nullptr) {
      *port = bind.local_port;
    }
    return result;
  }
  static std::int64_t close(Fake_domain& caller, Port port) {
    return caller.call(Op::close, abi::Evtchn_close{port});
  }

  struct Pair {
    Port remote{0};
    Port local{0};
  };
  Pair loopback() {
    Pair pair;
    EXPECT_EQ(alloc_unbound(first_, abi::domain_self, abi::domain_self, &pair.remote), 0);
    EXPECT_EQ(bind(first_, abi::domain_self, pair.remote, &pair.local), 0);
    return pair;
  }
};

TEST_F(Event_peers, in_a_loopback_the_port_that_binds_is_pending_and_the_other_is_not) {
  const Pair pair = loopback();
  EXPECT_TRUE(first_.channels.is_pending(pair.local));
  EXPECT_FALSE(first_.channels.is_pending(pair.remote));
  const abi::Evtchn_status local = first_.status(pair.local);
  EXPECT_EQ(local.status, abi::Evtchn_state::interdomain);
  EXPECT_EQ(local.u.interdomain.dom, first_.id());
  EXPECT_EQ(local.u.interdomain.port, pair.remote);
  EXPECT_EQ(first_.status(pair.remote).status, abi::Evtchn_state::interdomain);
  EXPECT_EQ(first_.send(pair.local), 0);
  EXPECT_TRUE(first_.channels.is_pending(pair.remote));
}

TEST_F(Event_peers, only_a_port_that_waits_for_us_can_be_bound_to) {
  const Pair pair = loopback();
  EXPECT_EQ(bind(first_, abi::domain_self, pair.remote), refused(Errno::einval));
  EXPECT_EQ(bind(first_, abi::domain_self, Port{5000}), refused(Errno::einval));
  EXPECT_EQ(bind(first_, abi::domain_self, Port{60}), refused(Errno::einval));
  EXPECT_EQ(bind(first_, no_domain, pair.remote), refused(Errno::esrch));
}

TEST_F(Event_peers, the_end_that_is_left_waits_for_us_on_the_vcpu_it_was_bound_to) {
  const Pair pair = loopback();
  EXPECT_EQ(first_.call(Op::bind_vcpu, abi::Evtchn_bind_vcpu{pair.local, vcpu2}), 0);
  EXPECT_EQ(close(first_, pair.remote), 0);
  const abi::Evtchn_status left = first_.status(pair.local);
  EXPECT_EQ(left.status, abi::Evtchn_state::unbound);
  EXPECT_EQ(left.vcpu, vcpu2);
  EXPECT_EQ(left.u.unbound, first_.id());
  EXPECT_EQ(bind(first_, abi::domain_self, pair.local), 0);
}

TEST_F(Event_peers, silo_asks_whether_the_remote_exists_and_keeps_domains_apart) {
  EXPECT_EQ(alloc_unbound(first_, abi::domain_self, no_domain), refused(Errno::esrch));
  EXPECT_EQ(alloc_unbound(first_, abi::domain_self, abi::domain_io), refused(Errno::esrch));
  EXPECT_EQ(alloc_unbound(first_, abi::domain_self, second_.id()), refused(Errno::eperm));
  EXPECT_EQ(alloc_unbound(first_, abi::domain_self, control_.id()), 0);
  EXPECT_EQ(alloc_unbound(first_, abi::domain_self, first_.id()), 0);
}

TEST_F(Event_peers, without_silo_nobody_asks_who_the_remote_is) {
  machine_.silo = false;
  for (const Domain_id remote : {no_domain, abi::domain_io, abi::domain_invalid, second_.id()}) {
    EXPECT_EQ(alloc_unbound(first_, abi::domain_self, remote), 0) << remote.value();
  }
}

TEST_F(Event_peers, a_guest_opens_no_ports_in_other_domains) {
  for (const bool silo : {true, false}) {
    machine_.silo = silo;
    EXPECT_EQ(alloc_unbound(first_, second_.id(), abi::domain_self), refused(Errno::eperm));
    EXPECT_EQ(alloc_unbound(first_, no_domain, abi::domain_self), refused(Errno::esrch));
  }
  EXPECT_EQ(alloc_unbound(first_, first_.id(), abi::domain_self), 0);
}

TEST_F(Event_peers, a_refused_port_is_not_used_up) {
  EXPECT_EQ(alloc_unbound(first_, abi::domain_self, second_.id()), refused(Errno::eperm));
  EXPECT_EQ(first_.bind_ipi(), Port{1});
}

TEST_F(Event_peers, another_domains_ports_are_not_a_guests_to_see_or_to_reset) {
  EXPECT_EQ(first_.call(Op::status, abi::Evtchn_status{.dom = second_.id(), .port = Port{1}}),
            refused(Errno::eperm));
  EXPECT_EQ(first_.call(Op::status, abi::Evtchn_status{.dom = second_.id(), .port = Port{5000}}),
            refused(Errno::einval));
  EXPECT_EQ(first_.call(Op::reset, abi::Evtchn_reset{second_.id()}), refused(Errno::eperm));
}

TEST_F(Event_peers, an_event_arrives_at_the_other_domain) {
  Port theirs{0};
  Port ours{0};
  ASSERT_EQ(alloc_unbound(control_, abi::domain_self, first_.id(), &theirs), 0);
  EXPECT_EQ(bind(second_, control_.id(), theirs), refused(Errno::einval));
  ASSERT_EQ(bind(first_, control_.id(), theirs, &ours), 0);
  EXPECT_TRUE(first_.channels.is_pending(ours));
  EXPECT_FALSE(control_.channels.is_pending(theirs));
  EXPECT_EQ(first_.send(ours), 0);
  EXPECT_TRUE(control_.channels.is_pending(theirs));
  EXPECT_EQ(close(control_, theirs), 0);
  EXPECT_EQ(first_.status(ours).status, abi::Evtchn_state::unbound);
  EXPECT_EQ(first_.status(ours).u.unbound, control_.id());
}

TEST_F(Event_peers, a_domain_that_goes_leaves_its_peers_unbound) {
  ASSERT_EQ(first_.channels.connect_static(Port{10}, second_.channels, Port{11}), 0);
  second_.switch_to_fifo();
  second_.channels.close_all();
  EXPECT_EQ(first_.status(Port{10}).status, abi::Evtchn_state::unbound);
  EXPECT_THAT(second_.pins, IsEmpty());
}

TEST_F(Event_peers, a_static_channel_stands_at_boot_and_silo_does_not_stop_it) {
  ASSERT_EQ(first_.channels.connect_static(Port{10}, second_.channels, Port{11}), 0);
  const abi::Evtchn_status status = first_.status(Port{10});
  EXPECT_EQ(status.status, abi::Evtchn_state::interdomain);
  EXPECT_EQ(status.u.interdomain.dom, second_.id());
  EXPECT_EQ(status.u.interdomain.port, Port{11});
  EXPECT_EQ(second_.status(Port{11}).u.interdomain.port, Port{10});
  EXPECT_FALSE(first_.channels.is_pending(Port{10}));
  EXPECT_TRUE(second_.channels.is_pending(Port{11}));
  EXPECT_EQ(second_.legacy_slot().evtchn_upcall_pending, 1);
  EXPECT_EQ(second_.send(Port{11}), 0);
  EXPECT_TRUE(first_.channels.is_pending(Port{10}));
}

TEST_F(Event_peers, a_static_channel_that_is_closed_cannot_be_bound_again_under_silo) {
  ASSERT_EQ(first_.channels.connect_static(Port{10}, second_.channels, Port{11}), 0);
  EXPECT_EQ(close(first_, Port{10}), 0);
  EXPECT_EQ(second_.status(Port{11}).status, abi::Evtchn_state::unbound);
  EXPECT_EQ(bind(first_, second_.id(), Port{11}), refused(Errno::eperm));
  machine_.silo = false;
  EXPECT_EQ(bind(first_, second_.id(), Port{11}), 0);
}

TEST_F(Event_peers, a_static_channel_needs_two_free_ports_that_may_be) {
  ASSERT_EQ(first_.channels.connect_static(Port{10}, second_.channels, Port{11}), 0);
  EXPECT_EQ(first_.channels.connect_static(Port{12}, second_.channels, Port{11}), refused(Errno::ebusy));
  EXPECT_EQ(first_.channels.connect_static(Port{10}, second_.channels, Port{12}), refused(Errno::ebusy));
  EXPECT_EQ(first_.channels.connect_static(Port{1024}, second_.channels, Port{12}), refused(Errno::enospc));
  EXPECT_EQ(first_.channels.connect_static(Port{12}, first_.channels, Port{12}), refused(Errno::ebusy));
  EXPECT_EQ(first_.status(Port{12}).status, abi::Evtchn_state::closed);
}

}  // namespace
}  // namespace enlighten::model
