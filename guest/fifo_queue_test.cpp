// SPDX-License-Identifier: MIT
// The FIFO queue step by step: order, masks, growth, and words no honest Xen would write.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <guest/fifo_queue.hpp>

namespace enlighten::guest {
namespace {

using namespace abi::event_word;
using Page = std::array<abi::Event_word, abi::fifo_words_per_page>;

// Shared memory of one vCPU, written by the test in Xen's place.
class Fifo_queue : public testing::Test {
 protected:
  Fifo_queue() { EXPECT_TRUE(array_.append(page_)); }

  // Makes a queue of these ports, each with an event.
  void queue(std::uint32_t number, std::vector<std::uint32_t> ports) {
    for (std::size_t i = 0; i != ports.size(); ++i) {
      page_[ports[i]] = pending | linked | (i + 1 == ports.size() ? 0 : ports[i + 1]);
    }
    block_.head[number] = ports.front();
    block_.ready |= 1U << number;
    info_.evtchn_upcall_pending = 1;
  }

  Result<Drained> drain(std::uint32_t limit = abi::fifo_ports) {
    return consumer_.drain(
        array_,
        [this](Port port) {
          delivered_.push_back(port.value());
          if (also_) {
            also_(port);
          }
        },
        limit);
  }

  Page page_{};
  std::array<abi::Event_word*, 2> directory_{};
  abi::Vcpu_info info_;
  abi::Evtchn_fifo_control_block block_;
  Fifo_array<> array_{directory_};
  Fifo_consumer<> consumer_{info_, block_};
  std::vector<std::uint32_t> delivered_;
  std::function<void(Port)> also_;
};

using Ports = std::vector<std::uint32_t>;

TEST_F(Fifo_queue, delivers_a_queue_in_order_and_leaves_its_words_empty) {
  queue(7, {12, 30, 5});
  const auto drained = drain();
  ASSERT_TRUE(drained);
  EXPECT_EQ(drained->delivered, 3U);
  EXPECT_FALSE(drained->more);
  EXPECT_EQ(delivered_, (Ports{12, 30, 5}));
  EXPECT_EQ(page_[12] | page_[30] | page_[5], 0U);
  EXPECT_EQ(block_.ready, 0U);
  EXPECT_EQ(info_.evtchn_upcall_pending, 0);
}

TEST_F(Fifo_queue, delivers_the_highest_priority_first) {
  queue(15, {1});
  queue(0, {2});
  queue(7, {3});
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, (Ports{2, 3, 1}));
}

TEST_F(Fifo_queue, lets_a_higher_priority_overtake_after_each_event) {
  queue(7, {1, 2, 3});
  also_ = [this](Port port) {
    if (port == Port{1}) {
      queue(3, {9});
    }
  };
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, (Ports{1, 9, 2, 3}));
}

TEST_F(Fifo_queue, clears_the_event_before_its_handler_runs) {
  queue(7, {4});
  also_ = [this](Port port) { EXPECT_FALSE(array_.is_pending(port)); };
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{4});
}

TEST_F(Fifo_queue, keeps_the_event_of_a_masked_port_but_takes_it_off_its_queue) {
  queue(7, {4, 5});
  page_[4] |= masked;
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{5});
  EXPECT_EQ(page_[4], pending | masked);
  EXPECT_EQ(array_.unmask(Port{4}), Unmask::needs_hypercall);
  EXPECT_EQ(page_[4], pending | masked) << "the mask is Xen's to clear, or the event would never be queued";
}

TEST_F(Fifo_queue, passes_over_a_port_whose_event_was_taken_back) {
  queue(7, {4, 5});
  array_.clear_pending(Port{4});
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{5});
  EXPECT_FALSE(array_.is_linked(Port{4}));
}

TEST_F(Fifo_queue, stops_at_the_limit_and_goes_on_from_there) {
  queue(7, {1, 2, 3});
  const auto first = drain(2);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->more);
  EXPECT_EQ(delivered_, (Ports{1, 2}));
  const auto second = drain(2);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->more);
  EXPECT_EQ(delivered_, (Ports{1, 2, 3}));
}

TEST_F(Fifo_queue, unmasks_at_once_where_there_is_no_event) {
  EXPECT_TRUE(array_.is_masked(Port{6}));
  EXPECT_EQ(array_.unmask(Port{6}), Unmask::done);
  EXPECT_FALSE(array_.is_masked(Port{6}));
  EXPECT_EQ(array_.unmask(Port{6}), Unmask::done);
  array_.mask(Port{6});
  EXPECT_EQ(page_[6], masked);
}

TEST_F(Fifo_queue, leaves_unmasking_to_xen_while_a_word_stays_busy) {
  page_[6] = masked | linked | busy;
  EXPECT_EQ(array_.unmask(Port{6}), Unmask::needs_hypercall);
  EXPECT_EQ(page_[6], masked | linked | busy);
}

TEST_F(Fifo_queue, grows_by_pages_of_masked_ports_to_the_end_of_its_directory) {
  constexpr Port beyond{abi::fifo_words_per_page + 3};
  EXPECT_EQ(array_.ports(), abi::fifo_words_per_page);
  EXPECT_EQ(array_.find(beyond), nullptr);
  EXPECT_TRUE(array_.is_masked(beyond));
  EXPECT_EQ(array_.unmask(beyond), Unmask::no_word);
  array_.mask(beyond);
  array_.clear_pending(beyond);

  Page second{};
  ASSERT_TRUE(array_.append(second));
  for (const abi::Event_word word : second) {
    EXPECT_EQ(word, masked);
  }
  EXPECT_EQ(array_.find(beyond), &second[3]);

  // A queue that crosses from one page to the other and back.
  page_[8] = pending | linked | beyond.value();
  second[3] = pending | linked | 9;
  page_[9] = pending | linked;
  block_.head[7] = 8;
  block_.ready = 1U << 7;
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, (Ports{8, beyond.value(), 9}));

  Page third{};
  EXPECT_FALSE(array_.append(third)) << "the directory has two entries";
  array_.retract();
  EXPECT_EQ(array_.find(beyond), nullptr);
}

// Every way for a queue to be wrong: reported with queue and port, dropped, and the other queues are served.
class Hostile_fifo_queue : public Fifo_queue {
 protected:
  void expect_broken(const char* text, const Ports& delivered_before) {
    queue(9, {500});
    const auto drained = drain();
    ASSERT_FALSE(drained);
    EXPECT_EQ(drained.error().kind(), Error_kind::protocol);
    EXPECT_STREQ(drained.error().text(), text);
    EXPECT_EQ(delivered_, delivered_before);
    EXPECT_EQ(consumer_.broken_queues(), 1U << 7);
    delivered_.clear();
    ASSERT_TRUE(drain());
    EXPECT_EQ(delivered_, Ports{500}) << "the other queue is whole";
  }
};

TEST_F(Hostile_fifo_queue, without_a_head_is_an_error) {
  block_.ready = 1U << 7;
  expect_broken("event queue 7 at port 0 is ready and has no head", {});
}

TEST_F(Hostile_fifo_queue, with_a_head_beyond_the_array_is_an_error) {
  block_.ready = 1U << 7;
  block_.head[7] = 0xffff'ffff;
  expect_broken("event queue 7 at port 4294967295 leads beyond the event array", {});
}

TEST_F(Hostile_fifo_queue, with_a_link_beyond_the_array_is_an_error_after_its_last_event) {
  queue(7, {4});
  page_[4] |= 1024;
  expect_broken("event queue 7 at port 1024 leads beyond the event array", {4});
}

TEST_F(Hostile_fifo_queue, with_a_port_that_follows_itself_is_an_error) {
  queue(7, {4});
  page_[4] |= 4;
  expect_broken("event queue 7 at port 4 leads to a port that is not linked", {4});
}

TEST_F(Hostile_fifo_queue, with_a_cycle_is_an_error_after_one_round) {
  queue(7, {4, 5, 6});
  page_[6] |= 4;
  expect_broken("event queue 7 at port 4 leads to a port that is not linked", {4, 5, 6});
}

TEST_F(Hostile_fifo_queue, whose_bits_beyond_the_last_queue_are_set_is_served) {
  queue(15, {4});
  block_.ready |= 0xffff'0000;
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{4});
}

// Links a cycle anew as fast as it is taken apart: ends at the limit, as a very busy Xen would.
TEST_F(Hostile_fifo_queue, that_is_a_cycle_linked_anew_for_ever_ends_at_the_limit) {
  queue(7, {4, 5});
  page_[5] |= 4;
  also_ = [this](Port port) { page_[port.value()] = pending | linked | (9 - port.value()); };
  const auto drained = drain(1000);
  ASSERT_TRUE(drained);
  EXPECT_TRUE(drained->more);
  EXPECT_EQ(drained->delivered, 1000U);
}

TEST_F(Hostile_fifo_queue, is_whole_again_after_recovery) {
  queue(7, {4, 5, 6, 7});
  page_[5] = pending | linked | 1024;  // 6 and 7 are lost from sight, and Xen's tail is 7
  ASSERT_FALSE(drain());
  EXPECT_EQ(delivered_, (Ports{4, 5}));
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, (Ports{4, 5})) << "nothing tells of the rest";

  queue(3, {20});                   // another queue, whole, must not be touched
  page_[7] = pending | linked | 2;  // Xen appended a port since
  page_[2] = pending | linked;
  page_[6] |= masked;
  delivered_.clear();
  consumer_.recover(
      array_, [](Port port, std::uint32_t queue) { return queue == 7 && port.value() < 10; },
      [this](Port port) { delivered_.push_back(port.value()); });
  EXPECT_EQ(consumer_.broken_queues(), 0U);
  EXPECT_EQ(delivered_, (Ports{2, 7})) << "6 is masked";
  EXPECT_EQ(page_[6], pending | masked);
  EXPECT_EQ(page_[7] | page_[2], 0U);

  delivered_.clear();
  block_.ready |= 1U << 7;  // Xen's word for a head taken by the recovery: stale, and no error
  block_.head[7] = 7;
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{20});
}

TEST_F(Hostile_fifo_queue, is_forgotten_with_its_domains_events) {
  queue(7, {4, 5});
  ASSERT_TRUE(drain(1));
  consumer_.forget();
  page_ = {};
  block_ = {};
  ASSERT_TRUE(drain());
  EXPECT_EQ(delivered_, Ports{4});
}

// The policy of a machine on which somebody else writes before each access.
struct Meddled_words : Shared_words {
  template <typename T>
  T load(T& word, std::memory_order order) const {
    (*meddle)();
    return Shared_words::load(word, order);
  }
  template <typename T>
  bool compare_exchange(T& word, std::type_identity_t<T>& expected, std::type_identity_t<T> desired,
                        std::memory_order order) const {
    (*meddle)();
    return Shared_words::compare_exchange(word, expected, desired, order);
  }

  const std::function<void()>* meddle;
};

struct Meddled_queue {
  explicit Meddled_queue(const std::function<void()>& meddle)
      : words{{}, &meddle}, array{directory, words}, consumer{info, block, words} {
    EXPECT_TRUE(array.append(page));
  }

  Page page{};
  std::array<abi::Event_word*, 1> directory{};
  abi::Vcpu_info info;
  abi::Evtchn_fifo_control_block block;
  Meddled_words words;
  Fifo_array<Meddled_words> array;
  Fifo_consumer<Meddled_words> consumer;
};

TEST(Hostile_fifo_memory, that_never_stops_changing_is_an_error) {
  std::function<void()> meddle = [] {};
  Meddled_queue queue{meddle};
  queue.block.ready = 1;
  queue.block.head[0] = 3;
  queue.page[3] = pending | linked;
  meddle = [&] { queue.page[3] ^= busy; };
  const auto drained = queue.consumer.drain(queue.array, [](Port) {});
  ASSERT_FALSE(drained);
  EXPECT_STREQ(drained.error().text(), "event queue 0 at port 3 has a word that never stops changing");
}

// Whatever is written whenever: every call ends, and only ports of the array are delivered.
TEST(Hostile_fifo_memory, ends_every_drain_and_delivers_ports_of_the_array_only) {
  for (std::uint64_t seed = 1; seed != 60; ++seed) {
    std::mt19937_64 dice{seed};
    std::function<void()> meddle = [] {};
    Meddled_queue queue{meddle};
    meddle = [&] {
      switch (dice() % 8) {
        case 0:
          queue.block.ready = static_cast<std::uint32_t>(dice());
          break;
        case 1:
          queue.block.head[dice() % abi::fifo_queues] = static_cast<std::uint32_t>(dice() % 1100);
          break;
        case 2:
          queue.block.head[dice() % abi::fifo_queues] = static_cast<std::uint32_t>(dice());
          break;
        default:
          queue.page[dice() % 16] = static_cast<std::uint32_t>(dice() >> (dice() % 33));
          queue.page[dice() % 16] = (pending | linked) | static_cast<std::uint32_t>(dice() % 18);
      }
    };
    for (int round = 0; round != 50; ++round) {
      const auto drained =
          queue.consumer.drain(queue.array, [&](Port port) { EXPECT_LT(port.value(), queue.page.size()); }, 500);
      if (!drained) {
        queue.consumer.recover(
            queue.array, [](Port, std::uint32_t) { return true; },
            [&](Port port) { EXPECT_LT(port.value(), queue.page.size()); });
      }
    }
  }
}

}  // namespace
}  // namespace enlighten::guest
