// SPDX-License-Identifier: MIT
// Two ends of a vchan, one access to shared memory at a time: in every order nobody sleeps for ever, and nothing is
// lost.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include <drivers/vchan_end.hpp>
#include <guest/test/interleaving.hpp>

namespace enlighten::drivers {
namespace {

using guest::test::Schedule;
using guest::test::Stepped_words;
using End = Vchan_end<Stepped_words>;

// The page, and for each end whether an event has come since it last looked.
struct World {
  explicit World(Schedule& of) : schedule{of} {
    schedule.share(page);
    schedule.share(left);
    schedule.watch(server_event);
    schedule.watch(client_event);
    server.announce();
    client.announce();
    static_cast<void>(server.take_notice());
    static_cast<void>(client.take_notice());
  }

  // Sends the event that is due, as a port does.
  void tell(End& end) {
    if (end.take_notice()) {
      (&end == &server ? client_event : server_event) = true;
    }
  }
  // False if none will ever come.
  bool sleep(bool& event) {
    const bool came = schedule.wait([&event] { return event; });
    event = false;
    return came;
  }

  Schedule& schedule;
  abi::Vchan_interface page{};
  std::array<std::uint8_t, 2> left{};
  std::array<std::uint8_t, 2> right{};
  bool server_event = false;
  bool client_event = false;
  End server{Vchan_role::server, page, left, right, Stepped_words{schedule}};
  End client{Vchan_role::client, page, left, right, Stepped_words{schedule}};
};

TEST(Vchan_interleaving, a_stream_through_a_full_ring_arrives_whole_in_every_order) {
  guest::test::expect_in_every_order([](Schedule& schedule) {
    World world{schedule};
    std::vector<int> got;
    schedule.spawn("client", [&] {
      const std::array sent{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
      std::span<const std::byte> rest = sent;
      while (!rest.empty()) {
        const Result<std::size_t> count = world.client.write(rest);
        ASSERT_TRUE(count);
        world.tell(world.client);
        rest = rest.subspan(*count);
        if (*count == 0 && !world.sleep(world.client_event)) {
          return;
        }
      }
      world.client.close();
      world.tell(world.client);
    });
    schedule.spawn("server", [&] {
      for (;;) {
        std::array<std::byte, 2> into;
        const Result<std::size_t> count = world.server.read(into);
        if (!count) {
          EXPECT_EQ(count.error().kind(), Error_kind::closed) << count.error().text();
          return;
        }
        world.tell(world.server);
        for (std::size_t at = 0; at < *count; ++at) {
          got.push_back(static_cast<int>(into[at]));
        }
        if (*count == 0 && !world.sleep(world.server_event)) {
          return;
        }
      }
    });
    schedule.run();
    EXPECT_EQ(got, (std::vector{1, 2, 3, 4})) << schedule.story();
  });
}

TEST(Vchan_interleaving, packets_larger_than_what_is_free_wait_for_room_in_every_order) {
  guest::test::expect_in_every_order([](Schedule& schedule) {
    World world{schedule};
    int packets = 0;
    schedule.spawn("client", [&] {
      for (int packet = 0; packet < 2;) {
        const std::array bytes{static_cast<std::byte>(10 + packet), static_cast<std::byte>(20 + packet)};
        const Result<bool> is_sent = world.client.send(bytes);
        ASSERT_TRUE(is_sent);
        world.tell(world.client);
        packet += *is_sent ? 1 : 0;
        if (!*is_sent && !world.sleep(world.client_event)) {
          return;
        }
      }
    });
    schedule.spawn("server", [&] {
      while (packets < 2) {
        std::array<std::byte, 2> into;
        const Result<bool> is_there = world.server.receive(into);
        ASSERT_TRUE(is_there);
        world.tell(world.server);
        if (*is_there) {
          EXPECT_EQ(static_cast<int>(into[0]), 10 + packets);
          EXPECT_EQ(static_cast<int>(into[1]), 20 + packets);
          ++packets;
        } else if (!world.sleep(world.server_event)) {
          return;
        }
      }
    });
    schedule.run();
    EXPECT_EQ(packets, 2) << schedule.story();
  });
}

}  // namespace
}  // namespace enlighten::drivers
