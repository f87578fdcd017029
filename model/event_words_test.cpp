// SPDX-License-Identifier: MIT
// Tests of event words: how Xen links them while a guest takes them, and what it is a mistake to do to them.
#include <model/event_words.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/fake_domain.hpp"

namespace enlighten::model {
namespace {

using Op = abi::Event_channel_op;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
namespace bits = abi::event_word;

constexpr Vcpu_id vcpu0{0};
constexpr Vcpu_id vcpu1{1};
constexpr abi::Event_word raised = bits::pending | bits::linked;

class Event_word_protocol : public testing::Test {
 protected:
  Fake_machine machine_;
  Fake_domain guest_{machine_};
  Port first_{0};
  Port second_{0};

  void SetUp() override {
    guest_.switch_to_fifo();
    first_ = guest_.bind_ipi();
    second_ = guest_.bind_ipi();
  }
  void send(Port port) { EXPECT_EQ(guest_.send(port), 0); }
  void unmask(Port port) { EXPECT_EQ(guest_.call(Op::unmask, abi::Evtchn_unmask{port}), 0); }
  void set_priority(Port port, std::uint32_t priority) {
    EXPECT_EQ(guest_.call(Op::set_priority, abi::Evtchn_set_priority{port, priority}), 0);
  }
  abi::Event_word& word(Port port) { return guest_.word(port); }
  // As a guest takes an event off its queue.
  void unlink(Port port) { word(port) &= ~(bits::linked | bits::link); }
  void take(Port port) {
    unlink(port);
    word(port) &= ~bits::pending;
  }
  // What the guest does right before Xen's `turn`th access, of this call, to the word of `port`.
  void before_access(int turn, Port port, std::function<void()> act) {
    machine_.turns.on_step = [this, turn, port, act = std::move(act), seen = 0](const void* where) mutable {
      if (where == &word(port) && ++seen == turn) {
        act();
      }
    };
  }
};

TEST_F(Event_word_protocol, the_first_event_becomes_the_head_and_sets_ready) {
  send(first_);
  EXPECT_EQ(word(first_), raised);
  EXPECT_EQ(guest_.block(vcpu0).head[7], first_.value());
  EXPECT_EQ(guest_.block(vcpu0).ready, 0x80U);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0));
  EXPECT_THAT(guest_.polled, ElementsAre(first_));
}

TEST_F(Event_word_protocol, the_second_event_is_linked_to_the_first) {
  send(first_);
  send(second_);
  EXPECT_EQ(word(first_), raised | second_.value());
  EXPECT_EQ(word(second_), raised);
  EXPECT_EQ(guest_.block(vcpu0).head[7], first_.value());
  EXPECT_THAT(guest_.upcalls, SizeIs(1));
}

TEST_F(Event_word_protocol, an_event_that_is_pending_already_wakes_no_poller) {
  send(first_);
  send(first_);
  EXPECT_THAT(guest_.polled, ElementsAre(first_));
}

TEST_F(Event_word_protocol, an_event_behind_an_unlinked_tail_becomes_the_head) {
  send(first_);
  guest_.block(vcpu0).ready = 0;
  take(first_);
  send(second_);
  EXPECT_EQ(word(first_), 0U);
  EXPECT_EQ(guest_.block(vcpu0).head[7], second_.value());
  EXPECT_EQ(guest_.block(vcpu0).ready, 0x80U);
}

TEST_F(Event_word_protocol, a_tail_raised_again_is_not_linked_to_itself) {
  send(first_);
  take(first_);
  send(first_);
  EXPECT_EQ(word(first_), raised);
  EXPECT_EQ(guest_.block(vcpu0).head[7], first_.value());
}

TEST_F(Event_word_protocol, a_priority_is_a_queue_of_its_own) {
  set_priority(first_, 3);
  send(first_);
  EXPECT_EQ(guest_.block(vcpu0).ready, 0x8U);
  EXPECT_EQ(guest_.block(vcpu0).head[3], first_.value());
}

TEST_F(Event_word_protocol, a_new_priority_counts_from_the_next_linking) {
  send(first_);
  set_priority(first_, 3);
  send(first_);
  EXPECT_EQ(guest_.block(vcpu0).ready, 0x80U);
  take(first_);
  send(first_);
  EXPECT_EQ(guest_.block(vcpu0).ready, 0x88U);
  // The old queue has lost its tail: nothing is linked behind a word of another queue.
  send(second_);
  EXPECT_EQ(word(first_), raised);
  EXPECT_EQ(guest_.block(vcpu0).head[7], second_.value());
}

TEST_F(Event_word_protocol, a_new_vcpu_counts_from_the_next_linking) {
  abi::Evtchn_alloc_unbound alloc{.dom = guest_.id(), .remote_dom = guest_.id()};
  ASSERT_EQ(guest_.call(Op::alloc_unbound, alloc), 0);
  abi::Evtchn_bind_interdomain bind{.remote_dom = guest_.id(), .remote_port = alloc.port};
  ASSERT_EQ(guest_.call(Op::bind_interdomain, bind), 0);
  EXPECT_EQ(guest_.block(vcpu0).head[7], bind.local_port.value());
  EXPECT_EQ(guest_.call(Op::bind_vcpu, abi::Evtchn_bind_vcpu{bind.local_port, vcpu1}), 0);
  send(alloc.port);
  EXPECT_EQ(guest_.block(vcpu1).ready, 0U);
  take(bind.local_port);
  send(alloc.port);
  EXPECT_EQ(guest_.block(vcpu1).head[7], bind.local_port.value());
}

TEST_F(Event_word_protocol, a_masked_event_is_not_linked_until_it_is_unmasked) {
  word(first_) = bits::masked;
  send(first_);
  EXPECT_EQ(word(first_), 0xc0000000U);
  EXPECT_EQ(guest_.block(vcpu0).ready, 0U);
  EXPECT_THAT(guest_.polled, ElementsAre(first_));
  unmask(first_);
  EXPECT_EQ(word(first_), 0xa0000000U);
  EXPECT_EQ(guest_.block(vcpu0).ready, 0x80U);
  EXPECT_THAT(guest_.upcalls, ElementsAre(vcpu0));
}

TEST_F(Event_word_protocol, unmask_links_what_is_pending_though_the_guest_cleared_masked_itself) {
  word(first_) = bits::masked;
  send(first_);
  word(first_) &= ~bits::masked;
  unmask(first_);
  EXPECT_EQ(word(first_), 0xa0000000U);
}

TEST_F(Event_word_protocol, a_port_closed_while_linked_is_not_given_out_before_the_guest_unlinks_it) {
  send(first_);
  EXPECT_EQ(guest_.call(Op::close, abi::Evtchn_close{first_}), 0);
  EXPECT_EQ(word(first_), bits::linked);
  EXPECT_EQ(guest_.bind_ipi(), Port{second_.value() + 1});
  unlink(first_);
  EXPECT_EQ(guest_.bind_ipi(), first_);
  EXPECT_THAT(guest_.blames, IsEmpty());
}

TEST_F(Event_word_protocol, a_tail_masked_in_between_is_linked_all_the_same) {
  send(first_);
  // Xen reads the word, then exchanges it.
  before_access(2, first_, [this] { word(first_) |= bits::masked; });
  send(second_);
  EXPECT_EQ(word(first_), raised | bits::masked | second_.value());
  EXPECT_THAT(guest_.blames, IsEmpty());
}

TEST_F(Event_word_protocol, a_tail_unlinked_in_between_leaves_the_new_event_the_head) {
  for (const int turn : {1, 2}) {
    send(first_);
    before_access(turn, first_, [this] { take(first_); });
    send(second_);
    machine_.turns.on_step = nullptr;
    EXPECT_EQ(word(first_), 0U) << turn;
    EXPECT_EQ(guest_.block(vcpu0).head[7], second_.value()) << turn;
    take(second_);
  }
  EXPECT_THAT(guest_.blames, IsEmpty());
}

TEST_F(Event_word_protocol, a_tail_unlinked_while_it_is_busy_is_left_without_busy) {
  send(first_);
  int access = 0;
  machine_.turns.on_step = [&](const void* where) {
    if (where != &word(first_)) {
      return;
    }
    ++access;
    // Spoils the first exchange, and then unlinks before the second.
    if (access == 2) {
      word(first_) |= bits::masked;
    } else if (access == 5) {
      EXPECT_EQ(word(first_) & bits::busy, bits::busy);
      unlink(first_);
    }
  };
  send(second_);
  machine_.turns.on_step = nullptr;
  EXPECT_EQ(word(first_), bits::pending | bits::masked);
  EXPECT_EQ(guest_.block(vcpu0).head[7], second_.value());
  EXPECT_THAT(guest_.blames, IsEmpty());
}

TEST_F(Event_word_protocol, a_guest_that_keeps_changing_a_busy_word_loses_the_event) {
  send(first_);
  machine_.turns.on_step = [&](const void* where) {
    if (where == &word(first_)) {
      word(first_) ^= bits::masked;
    }
  };
  send(second_);
  machine_.turns.on_step = nullptr;
  EXPECT_EQ(word(first_) & (bits::link | bits::busy), 0U);
  EXPECT_EQ(guest_.block(vcpu0).head[7], first_.value());
  EXPECT_THAT(guest_.blames, ElementsAre(HasSubstr("kept changing")));
}

TEST_F(Event_word_protocol, what_a_guest_may_do_to_a_linked_word_is_not_blamed) {
  send(first_);
  word(first_) |= bits::masked;
  send(first_);
  word(first_) &= ~(bits::masked | bits::pending);
  send(second_);
  take(first_);
  send(first_);
  EXPECT_THAT(guest_.blames, IsEmpty());
}

struct Offence {
  const char* name;
  abi::Event_word (*commit)(abi::Event_word word);
  const char* blame;
};

class Event_word_offence : public Event_word_protocol, public testing::WithParamInterface<Offence> {};

INSTANTIATE_TEST_SUITE_P(
    words, Event_word_offence,
    testing::Values(
        Offence{"changing_link", [](abi::Event_word word) { return word | 5U; }, "LINK of a LINKED word"},
        Offence{"clearing_linked_alone", [](abi::Event_word word) { return (word | 5U) & ~bits::linked; },
                "LINKED is cleared together with LINK"},
        Offence{"setting_busy", [](abi::Event_word word) { return word | bits::busy; }, "BUSY"},
        Offence{"using_reserved_bits", [](abi::Event_word word) { return word | 1U << 17U; }, "reserved"},
        Offence{"using_the_highest_reserved_bit", [](abi::Event_word word) { return word | 1U << 27U; },
                "reserved"}),
    [](const auto& one) { return std::string{one.param.name}; });

TEST_P(Event_word_offence, is_blamed_when_xen_comes_by_and_only_if_it_checks) {
  send(first_);
  const abi::Event_word before = word(first_);
  guest_.channels.set_checking(false);
  word(first_) = GetParam().commit(before);
  EXPECT_EQ(guest_.call(Op::close, abi::Evtchn_close{second_}), 0);
  send(first_);
  EXPECT_THAT(guest_.blames, IsEmpty());

  second_ = guest_.bind_ipi();
  guest_.channels.set_checking(true);
  word(second_) = 0;
  send(second_);
  guest_.blames.clear();
  word(second_) = GetParam().commit(word(second_));
  EXPECT_EQ(guest_.call(Op::close, abi::Evtchn_close{second_}), 0);
  EXPECT_THAT(guest_.blames, ElementsAre(HasSubstr(GetParam().blame)));
}

TEST_F(Event_word_protocol, a_guest_does_not_set_pending_or_linked_itself) {
  send(first_);
  word(first_) &= ~bits::pending;
  EXPECT_EQ(guest_.call(Op::close, abi::Evtchn_close{first_}), 0);
  word(first_) |= bits::pending;
  const Port next = guest_.bind_ipi();
  EXPECT_THAT(guest_.blames, ElementsAre(HasSubstr("PENDING of a LINKED word")));
  word(next) = bits::linked;
  send(next);
  EXPECT_THAT(guest_.blames, ElementsAre(HasSubstr("PENDING"), HasSubstr("LINKED is Xen's to set")));
}

}  // namespace
}  // namespace enlighten::model
