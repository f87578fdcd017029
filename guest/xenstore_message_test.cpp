// SPDX-License-Identifier: MIT
// Messages to xenstored byte for byte, and that of its replies nothing is taken for what it is not.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <abi/errno.hpp>
#include <guest/xenstore_message.hpp>

namespace enlighten::guest {
namespace {

using namespace std::string_view_literals;
using Message = Xenstore_message;

std::string payload_of(const Message& message) {
  std::string payload(message.size(), '?');
  message.copy_to(std::as_writable_bytes(std::span{payload}));
  return payload;
}

TEST(Xenstore_message, has_the_payload_that_xenstored_expects) {
  const Xenstore_transaction_id in{7};
  EXPECT_EQ(payload_of(Message::read("a/b", in)), "a/b\0"sv);
  EXPECT_EQ(Message::read("a/b", in).transaction(), in);
  EXPECT_EQ(payload_of(Message::write("a", "va\0lue"sv)), "a\0va\0lue"sv);
  EXPECT_EQ(payload_of(Message::write("a", "")), "a\0"sv);
  EXPECT_EQ(payload_of(Message::mkdir("a")), "a\0"sv);
  EXPECT_EQ(payload_of(Message::rm("a")), "a\0"sv);
  EXPECT_EQ(payload_of(Message::directory("a")), "a\0"sv);
  EXPECT_EQ(payload_of(Message::directory_part("a", 4096)),
            "a\0"
            "4096\0"sv);
  EXPECT_EQ(payload_of(Message::get_perms("a")), "a\0"sv);
  EXPECT_EQ(payload_of(Message::transaction_start()), "\0"sv);
  EXPECT_EQ(payload_of(Message::transaction_end(in, Message::Ending::commit)), "T\0"sv);
  EXPECT_EQ(payload_of(Message::transaction_end(in, Message::Ending::abort)), "F\0"sv);
  EXPECT_EQ(payload_of(Message::watch("a", "t")), "a\0t\0"sv);
  EXPECT_EQ(payload_of(Message::unwatch("a", "t")), "a\0t\0"sv);
  EXPECT_EQ(payload_of(Message::reset_watches()), "\0"sv);
  EXPECT_EQ(payload_of(Message::introduce(Domain_id{3}, abi::Gfn{0x39001}, Port{1})),
            "3\0"
            "233473\0"
            "1\0"sv);
  EXPECT_EQ(payload_of(Message::is_introduced(Domain_id{0})), "0\0"sv);
  EXPECT_EQ(payload_of(Message::get_domain_path(Domain_id{65535})), "65535\0"sv);
  EXPECT_EQ(payload_of(Message::control("print", "text")), "print\0text\0"sv);
  EXPECT_EQ(payload_of(Message::control("check", "")), "check\0"sv);
}

TEST(Xenstore_message, has_one_to_eight_permissions) {
  const std::vector<Xenstore_permission> nine(9, {Domain_id{65535}, Xenstore_permission::Access::both});
  EXPECT_EQ(payload_of(*Message::set_perms("a", std::span{nine}.first(1))), "a\0b65535\0"sv);
  EXPECT_EQ(Message::set_perms("a", std::span{nine}.first(8))->size(), 2U + 8 * 7);
  EXPECT_FALSE(Message::set_perms("a", nine));
  EXPECT_FALSE(Message::set_perms("a", {}));
}

TEST(Xenstore_message, only_asks_if_it_changes_nothing_and_is_in_no_transaction) {
  EXPECT_TRUE(Message::read("a").only_asks());
  EXPECT_TRUE(Message::directory_part("a", 0).only_asks());
  EXPECT_FALSE(Message::read("a", Xenstore_transaction_id{1}).only_asks());
  EXPECT_FALSE(Message::write("a", "").only_asks());
  EXPECT_FALSE(Message::watch("a", "t").only_asks());
  EXPECT_FALSE(Message::transaction_start().only_asks());
}

TEST(Xenstore_reply, is_read_only_if_it_is_what_was_asked_for) {
  using namespace xenstore_reply;
  EXPECT_TRUE(ok("OK\0"sv));
  EXPECT_EQ(*text("/local/domain/1\0"sv), "/local/domain/1");
  EXPECT_EQ(*text("\0"sv), "");
  EXPECT_EQ(transaction("4294967295\0"sv)->value(), 4'294'967'295U);
  EXPECT_EQ(*yes_or_no("T\0"sv), true);
  EXPECT_EQ(*yes_or_no("F\0"sv), false);
  for (const std::string_view wrong : {""sv, "OK"sv, "OK\0\0"sv, "OKAY\0"sv, "ok\0"sv, "\0OK\0"sv}) {
    EXPECT_FALSE(ok(wrong)) << wrong;
    EXPECT_FALSE(yes_or_no(wrong)) << wrong;
    EXPECT_FALSE(transaction(wrong)) << wrong;
  }
  for (const std::string_view wrong :
       {"0\0"sv, "4294967296\0"sv, "-1\0"sv, "1 \0"sv, "12"sv, "1\0002\0"sv, "99999999999999999999999\0"sv}) {
    EXPECT_FALSE(transaction(wrong)) << wrong;
  }
  EXPECT_FALSE(text(""));
  EXPECT_FALSE(text("a\0b\0"sv));
  EXPECT_FALSE(texts("a\0b"sv));
  EXPECT_STREQ(ok("O\n\"K"sv).error().text(),
               "xenstore: a reply of 4 bytes that begins \"O\\x0a\"K\" is not the OK of xenstored");
}

TEST(Xenstore_reply, has_permissions_as_many_as_there_is_room_for) {
  std::array<Xenstore_permission, 2> two;
  EXPECT_EQ(*xenstore_reply::permissions("n0\0b65535\0r1\0"sv, two), 3U);
  EXPECT_EQ(two[0], (Xenstore_permission{Domain_id{0}, Xenstore_permission::Access::none}));
  EXPECT_EQ(two[1], (Xenstore_permission{Domain_id{65535}, Xenstore_permission::Access::both}));
  for (const std::string_view wrong :
       {""sv, "\0"sv, "r\0"sv, "x1\0"sv, "r65536\0"sv, "r1"sv, "r1\0\0"sv, "rr\0"sv}) {
    EXPECT_FALSE(xenstore_reply::permissions(wrong, two)) << wrong;
  }
}

TEST(Xenstore_reply, has_a_part_of_a_directory_and_says_whether_it_is_the_last) {
  const auto first = xenstore_reply::directory_part("12\0one\0two\0"sv);
  EXPECT_EQ(first->generation, 12U);
  EXPECT_EQ(first->texts, "one\0two\0"sv);
  EXPECT_FALSE(first->is_last);
  const auto last = xenstore_reply::directory_part("12\0three\0\0"sv);
  EXPECT_EQ(last->texts, "three\0"sv);
  EXPECT_TRUE(last->is_last);
  const auto none = xenstore_reply::directory_part("12\0\0"sv);
  EXPECT_EQ(none->texts, "");
  EXPECT_TRUE(none->is_last);
  for (const std::string_view wrong : {""sv, "12"sv, "\0"sv, "x\0a\0"sv, "12\0a"sv}) {
    EXPECT_FALSE(xenstore_reply::directory_part(wrong)) << wrong;
  }
}

TEST(Xenstore_texts, are_gone_through_one_by_one) {
  std::vector<std::string_view> all;
  for (const std::string_view text : Xenstore_texts{"one\0\0three\0"sv}) {
    all.push_back(text);
  }
  EXPECT_EQ(all, (std::vector{"one"sv, ""sv, "three"sv}));
  EXPECT_EQ(Xenstore_texts{""}.begin(), Xenstore_texts{""}.end());
}

TEST(Xenstore_reply, that_is_a_refusal_names_what_was_asked_and_the_errno) {
  const Error error = xenstore_reply::refusal(Message::read("a/b"), "ENOENT\0"sv);
  EXPECT_EQ(error.kind(), Error_kind::xenstore);
  EXPECT_EQ(error.number(), static_cast<std::int64_t>(abi::Errno::enoent));
  EXPECT_STREQ(error.text(), "xenstore: read of a/b: xenstored refused (ENOENT)");
  for (const std::string_view wrong : {""sv, "\0"sv, "EWHAT\0"sv, "ENOENT: no such object or vCPU\0"sv}) {
    EXPECT_EQ(xenstore_reply::refusal(Message::read("a"), wrong).kind(), Error_kind::protocol) << wrong;
  }
}

}  // namespace
}  // namespace enlighten::guest
