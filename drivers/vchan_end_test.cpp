// SPDX-License-Identifier: MIT
// Two ends of a vchan over one page: bytes arrive in order and once, and nothing that the other end writes leads
// astray.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <drivers/vchan_end.hpp>

namespace enlighten::drivers {
namespace {

using abi::Vchan_live;

[[nodiscard]] std::vector<std::byte> bytes(std::string_view text) {
  const auto* const first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

struct Vchan_end_test : testing::Test {
  Vchan_end_test() {
    server.announce();
    client.announce();
    static_cast<void>(server.take_notice());
    static_cast<void>(client.take_notice());
  }

  [[nodiscard]] static std::string text_of(Vchan_end<>& end) {
    std::array<std::byte, 64> into;
    const Result<std::size_t> count = end.read(into);
    return count ? std::string{reinterpret_cast<const char*>(into.data()), *count} : count.error().text();
  }
  template <typename T>
  [[nodiscard]] static std::string words(const Result<T>& result) {
    return result ? "no error" : result.error().text();
  }

  abi::Vchan_interface page{};
  std::array<std::uint8_t, 8> left{};
  std::array<std::uint8_t, 16> right{};
  Vchan_end<> server{Vchan_role::server, page, left, right};
  Vchan_end<> client{Vchan_role::client, page, left, right};
};

TEST_F(Vchan_end_test, carries_bytes_both_ways_in_order) {
  EXPECT_EQ(*client.write(bytes("up")), 2U);
  EXPECT_EQ(*server.write(bytes("down")), 4U);
  EXPECT_EQ(text_of(server), "up");
  EXPECT_EQ(text_of(client), "down");
  EXPECT_EQ(text_of(client), "");
}

TEST_F(Vchan_end_test, takes_what_there_is_room_for_around_the_rings_end_and_the_indices) {
  page.left = {.cons = std::numeric_limits<std::uint32_t>::max() - 2,
               .prod = std::numeric_limits<std::uint32_t>::max() - 2};
  Vchan_end<> second{Vchan_role::client, page, left, right};
  second.announce();
  EXPECT_EQ(*second.write(bytes("abcdefghij")), 8U);
  EXPECT_EQ(page.left.prod, 5U) << "2^32 - 3 + 8";
  EXPECT_EQ(*second.write(bytes("k")), 0U);
  EXPECT_EQ(std::string(left.begin(), left.end()), "defghabc");
}

TEST_F(Vchan_end_test, sends_and_receives_whole_packets_or_nothing) {
  EXPECT_TRUE(*client.send(bytes("12345")));
  EXPECT_FALSE(*client.send(bytes("6789"))) << "only 3 of 8 bytes are free";
  std::array<std::byte, 6> six;
  EXPECT_FALSE(*server.receive(six)) << "only 5 have come";
  EXPECT_TRUE(*client.send(bytes("6")));
  EXPECT_TRUE(*server.receive(six));
  EXPECT_EQ(std::memcmp(six.data(), "123456", 6), 0);
  EXPECT_EQ(words(client.send(bytes("123456789"))), "vchan: a packet of 9 bytes in a ring of 8");
  std::array<std::byte, 17> too_many;
  EXPECT_EQ(words(client.receive(too_many)), "vchan: a packet of 17 bytes in a ring of 16");
}

TEST_F(Vchan_end_test, tells_the_other_end_if_and_only_if_it_has_asked) {
  ASSERT_TRUE(client.write(bytes("a")));
  EXPECT_TRUE(client.take_notice()) << "a server asks to be told of the first bytes";
  ASSERT_TRUE(client.write(bytes("b")));
  EXPECT_FALSE(client.take_notice()) << "it has been told, and has not asked again";
  EXPECT_EQ(text_of(server), "ab");
  EXPECT_FALSE(server.take_notice()) << "the client does not wait for room";
  EXPECT_EQ(text_of(server), "");
  ASSERT_TRUE(client.write(bytes("12345678")));
  EXPECT_TRUE(client.take_notice());
  EXPECT_EQ(*client.write(bytes("9")), 0U);
  EXPECT_EQ(page.srv_notify & abi::vchan_notify::read, abi::vchan_notify::read);
  EXPECT_EQ(text_of(server), "12345678");
  EXPECT_TRUE(server.take_notice()) << "the client waits for room";
  EXPECT_FALSE(server.take_notice()) << "once";
}

TEST_F(Vchan_end_test, says_when_the_other_end_has_gone_but_not_before_its_last_byte_is_read) {
  ASSERT_TRUE(client.write(bytes("last")));
  client.close();
  EXPECT_TRUE(client.take_notice()) << "a server is told in any case";
  EXPECT_EQ(*server.peer(), Vchan_live::gone);
  const Result<std::size_t> written = server.write(bytes("x"));
  EXPECT_EQ(words(written), "vchan: the client has gone");
  EXPECT_EQ(written.error().kind(), Error_kind::closed);
  EXPECT_EQ(words(server.send(bytes("x"))), "vchan: the client has gone");
  std::array<std::byte, 8> eight;
  EXPECT_EQ(words(server.receive(eight)), "vchan: the client has gone") << "4 have come, and no more ever will";
  EXPECT_EQ(text_of(server), "last");
  EXPECT_EQ(text_of(server), "vchan: the client has gone");
  server.close();
  EXPECT_EQ(text_of(client), "vchan: the server has gone");
}

TEST_F(Vchan_end_test, tells_a_client_that_is_yet_to_come_from_one_that_has_gone) {
  page.cli_live = 2;
  EXPECT_EQ(*server.peer(), Vchan_live::expected);
  EXPECT_EQ(*server.write(bytes("early")), 5U) << "what it finds when it comes";
  EXPECT_EQ(text_of(server), "");
}

TEST_F(Vchan_end_test, takes_a_word_of_the_other_end_that_means_nothing_for_an_error) {
  for (unsigned live = 0; live < 256; ++live) {
    page.cli_live = page.srv_live = static_cast<std::uint8_t>(live);
    EXPECT_EQ(server.peer().has_value(), live <= 2) << live;
    EXPECT_EQ(client.peer().has_value(), live <= 1) << live;
  }
  EXPECT_EQ(words(client.peer()), "vchan: the server says 255 of itself, which means nothing");
  EXPECT_EQ(words(server.read({})), "vchan: the client says 255 of itself, which means nothing");
}

TEST_F(Vchan_end_test, takes_an_index_that_cannot_be_for_an_error_and_touches_nothing) {
  ASSERT_TRUE(client.write(bytes("abc")));
  page.left.prod = 9;
  EXPECT_EQ(text_of(server), "vchan: the client's index prod is 0x9: not within 8 bytes of cons, 0");
  page.left.prod = 0xffffffff;
  EXPECT_EQ(text_of(server), "vchan: the client's index prod is 0xffffffff: not within 8 bytes of cons, 0");
  EXPECT_EQ(page.left.cons, 0U) << "nothing was taken";
  page.left.cons = 4;
  EXPECT_EQ(words(client.write(bytes("d"))),
            "vchan: the server's index cons is 0x4: not within 8 bytes of prod, 0x3");
  EXPECT_EQ(left[3], 0U) << "nothing was put";
}

TEST_F(Vchan_end_test, does_not_read_back_what_it_has_written_itself) {
  ASSERT_TRUE(client.write(bytes("abc")));
  EXPECT_EQ(text_of(server), "abc");
  // The client overwrites the server's index, and its own; orders and grants are not looked at any more.
  page.left = {.cons = 700, .prod = 5};
  page.left_order = 63;
  page.srv_live = 0;
  std::array<std::byte, 64> into;
  EXPECT_EQ(*server.read(into), 2U) << "from the third byte to the fifth";
  EXPECT_EQ(page.left.cons, 5U);
}

}  // namespace
}  // namespace enlighten::drivers
