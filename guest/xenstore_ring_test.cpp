// SPDX-License-Identifier: MIT
// The xenstore ring: nothing is lost or torn with xenstored acting between any two steps, and a hostile one gains
// nothing.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>

#include <guest/xenstore_ring.hpp>

#include "test/interleaving.hpp"

namespace enlighten::guest::test {
namespace {

using Ring = Xenstore_ring<>;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span{text});
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Sends back what it takes, as far as there is room.
template <Word_policy Words = Shared_words>
class Echo {
 public:
  explicit Echo(abi::Xenstore_ring& ring, Words words = {}) : ring_{ring}, words_{words} {}

  void turn() {
    const std::uint32_t end = words_.load(ring_.req_prod, std::memory_order_acquire);
    std::uint32_t at = words_.load(ring_.req_cons, std::memory_order_relaxed);
    const std::uint32_t taken = words_.load(ring_.rsp_cons, std::memory_order_acquire);
    std::uint32_t put = words_.load(ring_.rsp_prod, std::memory_order_relaxed);
    for (; at != end && put - taken < sizeof ring_.rsp; ++at, ++put) {
      const std::uint8_t value = words_.load(ring_.req[at % sizeof ring_.req], std::memory_order_relaxed);
      words_.store(ring_.rsp[put % sizeof ring_.rsp], value, std::memory_order_relaxed);
    }
    words_.store(ring_.req_cons, at, std::memory_order_release);
    words_.store(ring_.rsp_prod, put, std::memory_order_release);
  }

 private:
  abi::Xenstore_ring& ring_;
  Words words_;
};

TEST(Xenstore_ring, hands_bytes_over_in_both_directions_however_often_it_wraps) {
  abi::Xenstore_ring page;
  // Indices begin anywhere, and end at 2^32.
  page.req_cons = page.req_prod = 0xffff'f000;
  page.rsp_cons = page.rsp_prod = 0xffff'fe01;
  Ring ring{page};
  EXPECT_TRUE(ring.begin());
  Echo<> echo{page};
  std::string sent;
  std::string received;
  for (int index = 0; index < 200; ++index) {
    const std::string piece(static_cast<std::size_t>(1 + index * 37 % 900), static_cast<char>('a' + index % 26));
    const std::size_t count = ring.send(bytes_of(piece)).value();
    sent += piece.substr(0, count);
    echo.turn();
    std::array<std::byte, 700> into;
    received += text_of(std::span{into}.first(ring.receive(into).value()));
  }
  for (std::array<std::byte, 1024> into; received.size() < sent.size();) {
    echo.turn();
    const std::size_t count = ring.receive(into).value();
    ASSERT_NE(count, 0U);
    received += text_of(std::span{into}.first(count));
  }
  EXPECT_GT(sent.size(), 60'000U);
  EXPECT_EQ(received, sent);
}

TEST(Xenstore_ring, takes_as_much_as_there_is_room_for_and_then_nothing) {
  abi::Xenstore_ring page;
  Ring ring{page};
  const std::string all(1500, 'x');
  EXPECT_EQ(ring.send(bytes_of(all)).value(), 1024U);
  EXPECT_EQ(ring.send(bytes_of(all)).value(), 0U);
  page.req_cons += 100;
  EXPECT_EQ(ring.send(bytes_of(all)).value(), 100U);
}

TEST(Xenstore_ring, skips_what_was_sent_to_an_earlier_program_and_says_so) {
  abi::Xenstore_ring page;
  page.rsp_cons = 7;
  page.rsp_prod = 100;
  Ring ring{page};
  EXPECT_EQ(page.rsp_cons, 100U);
  std::array<std::byte, 64> into;
  EXPECT_EQ(ring.receive(into).value(), 0U);
  EXPECT_TRUE(ring.begin());
  page.req_cons = 5;
  page.req_prod = 9;
  EXPECT_FALSE(ring.begin());
}

TEST(Xenstore_ring, refuses_indices_that_cannot_be_and_names_both) {
  abi::Xenstore_ring page;
  Ring ring{page};
  std::array<std::byte, 64> some{};
  ASSERT_EQ(ring.send(some).value(), 64U);
  page.req_cons = 65;
  EXPECT_STREQ(ring.send(some).error().text(),
               "xenstore ring: requests produced 0x40, consumed 0x41: further apart than the ring's 1024 bytes");
  EXPECT_EQ(ring.send(some).error().kind(), Error_kind::protocol);
  page.rsp_prod = 1025;
  EXPECT_STREQ(ring.receive(some).error().text(),
               "xenstore ring: replies produced 0x401, consumed 0: further apart than the ring's 1024 bytes");
  page.req_cons = 0;
  page.rsp_prod = 1024;
  EXPECT_TRUE(ring.send(some));
  EXPECT_TRUE(ring.receive(some));
}

TEST(Xenstore_ring, notices_that_somebody_has_set_its_own_indices_back) {
  abi::Xenstore_ring page;
  Ring ring{page};
  std::array<std::byte, 64> some{};
  ASSERT_EQ(ring.send(some).value(), 64U);
  page.req_cons = page.req_prod = 0;
  EXPECT_STREQ(ring.send(some).error().text(),
               "xenstore ring: requests produced: we have left 0x40 there, and find 0");
  page.rsp_prod = page.rsp_cons = 9;
  EXPECT_STREQ(ring.receive(some).error().text(),
               "xenstore ring: replies consumed: we have left 0 there, and find 0x9");
}

TEST(Xenstore_ring, is_never_left_whatever_is_written_anywhere_in_the_page) {
  struct Page {
    std::array<char, 64> before{};
    abi::Xenstore_ring ring;
    std::array<char, 64> after{};
  } page;
  page.before.fill('!');
  page.after.fill('!');
  std::mt19937 random{1};
  Ring ring{page.ring};
  std::size_t worked = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::uint32_t* const words[] = {&page.ring.req_cons, &page.ring.req_prod,        &page.ring.rsp_cons,
                                    &page.ring.rsp_prod, &page.ring.server_features, &page.ring.connection,
                                    &page.ring.error};
    const auto by = static_cast<std::uint32_t>(random());
    *words[random() % std::size(words)] += random() % 2 == 0 ? by : by % 800;
    if (random() % 8 == 0) {
      ring.begin();
    }
    std::array<std::byte, 200> some{};
    const Result<std::size_t> sent = ring.send(some);
    const Result<std::size_t> received = ring.receive(some);
    ASSERT_LE(sent.value_or(0), some.size());
    ASSERT_LE(received.value_or(0), some.size());
    worked += (sent ? 1U : 0U) + (received ? 1U : 0U);
    static_cast<void>(ring.complaint());
  }
  EXPECT_GT(worked, 100U);
  for (const auto& guard : {page.before, page.after}) {
    EXPECT_EQ(std::string(guard.begin(), guard.end()), std::string(64, '!'));
  }
}

TEST(Xenstore_ring, tells_in_words_why_xenstored_has_given_up_if_it_can) {
  abi::Xenstore_ring page;
  const Ring ring{page};
  page.error = 2;
  EXPECT_TRUE(ring.complaint()) << "the word means nothing without the feature";
  page.server_features = abi::xenstore_feature_error;
  EXPECT_STREQ(
      ring.complaint().error().text(),
      "xenstore ring: xenstored has given up this connection: it has found indices in the ring that cannot be");
  page.error = 77;
  EXPECT_STREQ(ring.complaint().error().text(), "xenstore ring: xenstored has given up this connection: error 77");
}

TEST(Xenstore_ring_in_every_order, loses_and_tears_no_byte) {
  expect_in_every_order([](Schedule& schedule) {
    abi::Xenstore_ring page;
    // Room for four bytes at the end of each direction, the rest is taken.
    page.req_prod = 1020;
    page.rsp_prod = 1020;
    page.rsp_cons = 1020;
    page.req_cons = 1020;
    schedule.share(page.req_cons);
    schedule.share(page.req_prod);
    schedule.share(page.rsp_cons);
    schedule.share(page.rsp_prod);
    schedule.share(std::span{page.req}.last(4));
    schedule.share(std::span{page.rsp}.last(4));
    Xenstore_ring<Stepped_words> ring{page, Stepped_words{schedule}};
    Echo<Stepped_words> echo{page, Stepped_words{schedule}};
    bool woken = false;
    bool told = false;
    schedule.watch(woken);
    schedule.watch(told);
    std::string received;
    schedule.spawn("guest", [&] {
      for (const std::string piece : {"ab", "cd"}) {
        if (ring.send(bytes_of(piece)).value() != piece.size()) {
          ADD_FAILURE() << "no room";
        }
        woken = true;
      }
      while (received.size() < 4 && schedule.wait([&] { return told; })) {
        told = false;
        std::array<std::byte, 8> into;
        received += text_of(std::span{into}.first(ring.receive(into).value()));
      }
    });
    schedule.spawn("xenstored", [&] {
      while (schedule.wait([&] { return woken; })) {
        woken = false;
        echo.turn();
        told = true;
      }
    });
    schedule.run();
    EXPECT_EQ(received, "abcd") << schedule.story();
  });
}

}  // namespace
}  // namespace enlighten::guest::test
