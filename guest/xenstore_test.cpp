// SPDX-License-Identifier: MIT
// The connection to xenstored: each request gets its own answer or an error, once, whatever xenstored does.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <abi/errno.hpp>
#include <guest/xenstore.hpp>

#include "test/xenstored_peer.hpp"

namespace enlighten::guest::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using Message = Xenstore_message;

struct Request final : Xenstore_request {
  void on_reply(Result<std::string_view> payload) noexcept override {
    ++replies;
    reply = payload ? Result<std::string>{std::string{*payload}} : Result<std::string>{payload.error()};
    if (then) {
      then();
    }
  }
  [[nodiscard]] std::string text() const {
    return replies == 0 ? "nothing" : reply ? *reply : std::string{reply.error().text()};
  }

  int replies = 0;
  Result<std::string> reply;
  std::function<void()> then;
};

struct Interest final : Xenstore_watch {
  void on_registered(const Result<>& outcome) noexcept override {
    registrations += outcome ? "yes " : "no ";
    if (!outcome) {
      error = outcome.error().text();
    }
  }
  void on_change(std::string_view path) noexcept override { changes.emplace_back(path); }

  std::string registrations;
  std::string error;
  std::vector<std::string> changes;
};

class Xenstore_test : public ::testing::Test {
 protected:
  Xenstore_test() { store.attach(page); }

  // Both get on until nobody has anything to do.
  std::vector<Asked> asked() {
    std::vector<Asked> all;
    for (std::vector<Asked> more = peer.take(); !more.empty() || store.take_notice(); more = peer.take()) {
      all.insert(all.end(), more.begin(), more.end());
      store.process();
    }
    return all;
  }
  void deliver() {
    do {
      store.process();
    } while (peer.put() != 0);
    store.process();
  }
  void connect() {
    store.process();
    ASSERT_TRUE(store.is_connected());
  }
  void offer_reconnection() { page.server_features |= abi::xenstore_feature_reconnection; }

  abi::Xenstore_ring page;
  Xenstored_peer<> peer{page};
  std::array<std::byte, abi::xenstore_payload_max> out;
  std::array<std::byte, abi::xenstore_payload_max> in;
  Xenstore store{{.out = out, .in = in}};
};

TEST_F(Xenstore_test, sixty_four_requests_in_flight_get_each_its_own_answer_in_whatever_order) {
  connect();
  std::deque<Request> requests(64);
  std::deque<std::string> paths;
  for (Request& request : requests) {
    store.submit(request, Message::read(paths.emplace_back("node/" + std::to_string(paths.size()))), 1);
  }
  EXPECT_TRUE(store.take_notice());
  std::vector<Asked> all = asked();
  ASSERT_EQ(all.size(), 64U);
  std::shuffle(all.begin(), all.end(), std::mt19937{1});
  for (const Asked& one : all) {
    peer.answer(one, "value of " + one.payload.substr(0, one.payload.size() - 1));
    deliver();
  }
  for (std::size_t index = 0; index < requests.size(); ++index) {
    EXPECT_EQ(requests[index].replies, 1);
    EXPECT_EQ(requests[index].text(), "value of node/" + std::to_string(index));
  }
}

TEST_F(Xenstore_test, messages_larger_than_the_ring_go_in_parts_both_ways) {
  connect();
  const std::string value(4094, 'v');
  Request write;
  Request read;
  store.submit(write, Message::write("a", value), 1);
  store.submit(read, Message::read("a"), 1);
  const std::vector<Asked> all = asked();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].payload, "a\0"s + value);
  peer.answer(all[0], "OK\0"sv);
  peer.answer(all[1], value + "12");
  deliver();
  EXPECT_EQ(write.text(), "OK\0"sv);
  EXPECT_EQ(read.text(), value + "12");
  Request too_long;
  const std::string longer = value + "1";
  store.submit(too_long, Message::write("a", longer), 1);
  EXPECT_EQ(too_long.text(), "xenstore: write of a: longer than a message may be (4096 bytes)");
}

TEST_F(Xenstore_test, a_refusal_is_an_error_with_its_errno) {
  connect();
  Request request;
  store.submit(request, Message::write("a", "b"), 1);
  peer.refuse(asked().at(0), "EACCES");
  deliver();
  EXPECT_EQ(request.text(), "xenstore: write of a: xenstored refused (EACCES)");
  EXPECT_EQ(request.reply.error().number(), static_cast<std::int64_t>(abi::Errno::eacces));
}

TEST_F(Xenstore_test, a_reply_to_something_else_is_an_error_and_one_to_nothing_is_dropped) {
  connect();
  Request request;
  store.submit(request, Message::read("a"), 1);
  const Asked asked_for = asked().at(0);
  peer.send(abi::Xs_type::read, asked_for.header.req_id + 1, "x");
  peer.send(abi::Xs_type::read, 0, "x");
  deliver();
  EXPECT_EQ(request.replies, 0);
  EXPECT_EQ(store.dropped().unasked, 2U);
  peer.send(abi::Xs_type::write, asked_for.header.req_id, "OK\0"sv);
  deliver();
  EXPECT_EQ(request.text(), "xenstore: read of a: the reply is one to something else");
}

TEST_F(Xenstore_test, a_request_that_is_not_answered_ends_at_its_deadline_and_its_late_reply_is_dropped) {
  connect();
  Request early;
  Request late;
  store.submit(early, Message::read("early"), 10);
  store.submit(late, Message::read("late"), 20);
  const std::vector<Asked> all = asked();
  EXPECT_EQ(store.expire(9), 10U);
  EXPECT_EQ(early.replies, 0);
  EXPECT_EQ(store.expire(10), 20U);
  EXPECT_EQ(early.text(), "xenstore: read of early: xenstored has not answered in time");
  EXPECT_EQ(early.reply.error().kind(), Error_kind::timed_out);
  peer.answer(all[0], "too late");
  peer.answer(all[1], "in time");
  deliver();
  EXPECT_EQ(early.replies, 1);
  EXPECT_EQ(store.dropped().late, 1U);
  EXPECT_EQ(late.text(), "in time");
  EXPECT_EQ(store.expire(1000), Xenstore::no_deadline);
}

TEST_F(Xenstore_test, a_request_that_is_given_up_half_sent_leaves_the_others_whole) {
  connect();
  {
    const std::string value(3000, 'v');
    Request big;
    store.submit(big, Message::write("big", value), 5);
    Request other;
    store.submit(other, Message::write("timed", value), 5);
    store.expire(5);
    EXPECT_EQ(big.replies, 1);
    EXPECT_EQ(other.replies, 1);
    store.submit(big, Message::write("cancelled", value), 9);
    store.cancel(big);
  }
  Request small;
  store.submit(small, Message::read("small"), 9);
  const std::vector<Asked> all = asked();
  ASSERT_EQ(all.size(), 2U) << "what was not yet begun is not sent at all";
  EXPECT_EQ(all[0].payload.substr(0, 4), "big\0"sv);
  EXPECT_EQ(all[0].payload.substr(4), std::string(3000, 'v'));
  EXPECT_EQ(all[1].payload, "small\0"sv);
}

TEST_F(Xenstore_test, requests_wait_for_a_xenstored_that_is_started_later) {
  page.connection = 1;
  Request request;
  Request impatient;
  store.process();
  store.submit(request, Message::read("a"), 100);
  store.submit(impatient, Message::read("b"), 5);
  EXPECT_TRUE(asked().empty());
  store.expire(5);
  EXPECT_EQ(impatient.text(), "xenstore: read of b: xenstored has not been there in time");
  page.req_prod = page.req_cons = 77;
  page.connection = 0;
  store.process();
  peer.answer(asked().at(0), "here");
  deliver();
  EXPECT_EQ(request.text(), "here");
}

TEST_F(Xenstore_test, a_ring_with_the_rest_of_an_earlier_programs_messages_is_connected_anew) {
  offer_reconnection();
  page.rsp_prod = 5;
  store.process();
  EXPECT_FALSE(store.is_connected());
  EXPECT_EQ(page.connection, 1U);
  EXPECT_TRUE(store.take_notice());
  peer.reconnect();
  connect();
}

TEST_F(Xenstore_test, when_xenstored_begins_anew_what_only_asks_is_asked_again_and_the_rest_is_an_error) {
  offer_reconnection();
  connect();
  Interest interest;
  store.watch(interest, "watched", 1000);
  Request read;
  Request write;
  Request in_transaction;
  Request waiting;
  Request waiting_in_transaction;
  store.submit(read, Message::read("r"), 1000);
  store.submit(write, Message::write("w", "v"), 1000);
  store.submit(in_transaction, Message::read("t", Xenstore_transaction_id{3}), 1000);
  peer.answer(asked().at(0), "OK\0"sv);
  deliver();
  EXPECT_EQ(interest.registrations, "yes ");
  // Half a reply, which must not be taken for the beginning of the next one.
  peer.put("half of");
  store.process();
  page.connection = 1;
  store.process();
  EXPECT_EQ(write.text(), "xenstore: write of w: xenstore: xenstored begins anew");
  EXPECT_EQ(in_transaction.replies, 1);
  EXPECT_EQ(read.replies, 0);
  store.submit(waiting, Message::write("w2", "v"), 1000);
  peer.reconnect();
  store.process();
  EXPECT_EQ(store.connections(), 2U);
  const std::vector<Asked> all = asked();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].payload, "watched\0"s + std::string{interest.token()} + "\0"s);
  EXPECT_EQ(all[1].payload, "r\0"sv);
  EXPECT_EQ(all[2].payload, "w2\0v"sv);
  peer.answer(all[0], "OK\0"sv);
  peer.event("watched", interest.token());
  peer.answer(all[1], "value");
  peer.answer(all[2], "OK\0"sv);
  deliver();
  EXPECT_EQ(interest.registrations, "yes yes ");
  EXPECT_EQ(interest.changes, (std::vector<std::string>{"watched"}));
  EXPECT_EQ(read.text(), "value");
  EXPECT_EQ(waiting.text(), "OK\0"sv);
}

TEST_F(Xenstore_test, indices_that_cannot_be_lead_to_a_new_connection_if_there_can_be_one) {
  offer_reconnection();
  connect();
  Request read;
  store.submit(read, Message::read("r"), 1000);
  page.rsp_prod = 5000;
  store.process();
  EXPECT_FALSE(store.is_connected());
  EXPECT_EQ(page.connection, 1U);
  EXPECT_TRUE(store.take_notice());
  store.process();
  EXPECT_EQ(read.replies, 0);
  peer.reconnect();
  store.process();
  peer.answer(asked().at(0), "value");
  deliver();
  EXPECT_EQ(read.text(), "value");
}

TEST_F(Xenstore_test, without_a_new_connection_all_fails_for_good_and_says_why) {
  connect();
  Interest interest;
  Request read;
  store.watch(interest, "watched", 1000);
  store.submit(read, Message::read("r"), 1000);
  asked();
  std::string too_long(16, '\0');
  const abi::Xsd_sockmsg header{.type = abi::Xs_type::read, .req_id = 1, .tx_id = 0, .len = 4097};
  std::memcpy(too_long.data(), &header, sizeof header);
  peer.put(too_long);
  store.process();
  const std::string why = "xenstore: a message of 4097 bytes behind its header: 4096 may be";
  EXPECT_EQ(read.text(), "xenstore: read of r: " + why);
  EXPECT_EQ(interest.registrations, "no ");
  EXPECT_EQ(interest.error, why);
  Request next;
  store.submit(next, Message::read("n"), 1000);
  EXPECT_EQ(next.text(), why);
  EXPECT_STREQ(store.failure()->text(), why.c_str());
  EXPECT_FALSE(store.forget(interest));
}

TEST_F(Xenstore_test, xenstored_that_says_it_has_given_up_is_believed) {
  page.server_features = abi::xenstore_feature_error;
  connect();
  Request read;
  store.submit(read, Message::read("r"), 1000);
  page.error = 3;
  store.process();
  EXPECT_EQ(
      read.text(),
      "xenstore: read of r: xenstore ring: xenstored has given up this connection: it has found a message that "
      "is too long");
}

TEST_F(Xenstore_test, watches_are_told_of_changes_below_them_and_of_nothing_once_they_are_forgotten) {
  connect();
  Interest first;
  Interest second;
  store.watch(first, "a", 1000);
  store.watch(second, "a/b", 1000);
  for (const Asked& one : asked()) {
    peer.answer(one, "OK\0"sv);
  }
  peer.event("a/b/c", first.token());
  peer.event("elsewhere", second.token());
  peer.event("a", "no such token");
  peer.send(abi::Xs_type::watch_event, 0, "a\0no end"sv);
  peer.send(abi::Xs_type::watch_event, 0, "");
  deliver();
  EXPECT_EQ(first.registrations, "yes ");
  EXPECT_EQ(first.changes, (std::vector<std::string>{"a/b/c"}));
  EXPECT_EQ(second.changes, (std::vector<std::string>{"a/b"})) << "a change elsewhere is a reason to look, too";
  EXPECT_EQ(store.dropped().malformed, 2U);
  EXPECT_TRUE(store.forget(first));
  peer.event("a", first.token());
  deliver();
  EXPECT_EQ(first.changes.size(), 1U);
}

TEST_F(Xenstore_test, a_watch_that_an_earlier_program_has_left_is_taken_over_and_fires_once) {
  connect();
  Interest interest;
  store.watch(interest, "a", 1000);
  peer.refuse(asked().at(0), "EEXIST");
  deliver();
  EXPECT_EQ(interest.registrations, "yes ");
  EXPECT_EQ(interest.changes, (std::vector<std::string>{"a"}));
}

TEST_F(Xenstore_test, a_watch_that_is_refused_or_not_answered_is_forgotten) {
  connect();
  Interest refused;
  Interest unanswered;
  store.watch(refused, "a", 1000);
  store.watch(unanswered, "b", 10);
  peer.refuse(asked().at(0), "ENOSPC");
  deliver();
  store.expire(10);
  EXPECT_EQ(refused.error, "xenstore: watch of a: xenstored refused (ENOSPC)");
  EXPECT_EQ(unanswered.error, "xenstore: watch of b: xenstored has not answered in time");
  EXPECT_FALSE(store.forget(refused));
}

TEST_F(Xenstore_test, callbacks_may_submit_and_cancel_others) {
  connect();
  Request first;
  Request second;
  Request third;
  first.then = [&] {
    store.cancel(second);
    store.submit(third, Message::read("third"), 1000);
  };
  store.submit(first, Message::read("first"), 10);
  store.submit(second, Message::read("second"), 10);
  asked();
  store.expire(10);
  EXPECT_EQ(second.replies, 0);
  EXPECT_EQ(third.replies, 0);
  peer.answer(asked().at(0), "3");
  deliver();
  EXPECT_EQ(third.text(), "3");
}

}  // namespace
}  // namespace enlighten::guest::test
