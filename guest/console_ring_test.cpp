// SPDX-License-Identifier: MIT
// The console ring: nothing is lost or torn with the backend acting between any two steps, and a hostile backend
// gains nothing.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>

#include <guest/console_ring.hpp>

#include "test/interleaving.hpp"

namespace enlighten::guest::test {
namespace {

// The other end as xenconsoled has it ([xen] tools/console/daemon/io.c): woken by an event, it reads the producer's
// index once, takes all up to it, and gives the room back.
template <Word_policy Words = Shared_words>
class Backend {
 public:
  explicit Backend(abi::Console_ring& ring, Words words = {}) : ring_{ring}, words_{words} {}

  void take() {
    const std::uint32_t end = words_.load(ring_.out_prod, std::memory_order_acquire);
    std::uint32_t at = words_.load(ring_.out_cons, std::memory_order_relaxed);
    for (; at != end; ++at) {
      seen += static_cast<char>(words_.load(ring_.out[at % sizeof ring_.out], std::memory_order_relaxed));
    }
    words_.store(ring_.out_cons, end, std::memory_order_release);
  }

  std::string seen;

 private:
  abi::Console_ring& ring_;
  Words words_;
};

std::string line_of(std::size_t length, char with) {
  return std::string(length - 1, with) + '\n';
}

TEST(Console_ring, hands_over_what_was_put_in_order_however_often_it_wraps) {
  abi::Console_ring ring;
  Console_output<> output{ring};
  Backend<> backend{ring};
  std::string all;
  for (std::uint32_t index = 0; index < 200; ++index) {
    const std::string line = line_of(1 + index * 7 % 181, static_cast<char>('a' + index % 26));
    ASSERT_GE(output.room(), line.size());
    output.put(line);
    all += line;
    if (index % 3 == 0) {
      backend.take();
    }
  }
  backend.take();
  EXPECT_GT(all.size(), 4 * sizeof ring.out);
  EXPECT_EQ(backend.seen, all);
}

TEST(Console_ring, has_room_for_all_of_its_size_and_then_for_nothing_until_the_backend_reads) {
  abi::Console_ring ring;
  Console_output<> output{ring};
  EXPECT_EQ(output.room(), 2048U);
  output.put(line_of(2047, 'x'));
  EXPECT_EQ(output.room(), 1U);
  output.put("y");
  EXPECT_EQ(output.room(), 0U);
  Backend<>{ring}.take();
  EXPECT_EQ(output.room(), 2048U);
}

TEST(Console_ring, goes_on_where_an_earlier_program_left_off_and_across_the_end_of_the_index) {
  abi::Console_ring ring;
  ring.out_cons = ring.out_prod = 0xffff'fff0;
  Console_output<> output{ring};
  EXPECT_EQ(output.room(), 2048U);
  output.put("longer than sixteen characters\n");
  EXPECT_EQ(ring.out_prod, 15U);
  Backend<> backend{ring};
  backend.take();
  EXPECT_EQ(backend.seen, "longer than sixteen characters\n");
  EXPECT_EQ(output.room(), 2048U);
}

TEST(Console_ring, has_no_room_while_the_backend_claims_to_have_read_what_was_not_written) {
  abi::Console_ring ring;
  Console_output<> output{ring};
  output.put("hello\n");
  ring.out_cons = 7;
  EXPECT_EQ(output.room(), 0U);
  ring.out_cons = 0x8000'0000;
  EXPECT_EQ(output.room(), 0U);
  // More than the ring's size ago: it cannot have been behind that far.
  ring.out_cons = 6U - 2049U;
  EXPECT_EQ(output.room(), 0U);
  ring.out_cons = 6U - 2048U;
  EXPECT_EQ(output.room(), 0U);
}

TEST(Console_ring, is_never_left_whatever_a_backend_writes_anywhere_in_the_page) {
  struct Page {
    std::array<char, 64> before{};
    abi::Console_ring ring;
    std::array<char, 64> after{};
  } page;
  page.before.fill('!');
  page.after.fill('!');
  Console_output<> output{page.ring};
  std::mt19937 random{1};
  for (int round = 0; round < 20'000; ++round) {
    page.ring.out_cons = random() % 4 == 0 ? static_cast<std::uint32_t>(random()) : page.ring.out_prod;
    page.ring.out_prod = static_cast<std::uint32_t>(random());
    page.ring.in_prod = static_cast<std::uint32_t>(random());
    const std::uint32_t room = output.room();
    ASSERT_LE(room, 2048U);
    output.put(std::string(std::min(room, 180U), 'z'));
  }
  for (const auto& guard : {page.before, page.after}) {
    EXPECT_EQ(std::string(guard.begin(), guard.end()), std::string(64, '!'));
  }
  EXPECT_EQ(page.ring.in[0], 0);
  EXPECT_EQ(page.ring.in_cons, 0U);
}

// A writer whose third line has to wait for room, and a backend that is woken for each, one step at a time.
TEST(Console_ring_in_every_order, loses_and_tears_no_line) {
  expect_in_every_order([](Schedule& schedule) {
    abi::Console_ring ring;
    ring.out_cons = 8;
    ring.out_prod =
        2048;  // what comes next lies at the beginning of the ring, where there is room for 8 characters
    schedule.share(std::span{ring.out}.first(16));
    schedule.share(ring.out_cons);
    schedule.share(ring.out_prod);
    Console_output<Stepped_words> output{ring, Stepped_words{schedule}};
    Backend<Stepped_words> backend{ring, Stepped_words{schedule}};
    bool woken = false;
    schedule.watch(woken);
    schedule.spawn("guest", [&] {
      for (const std::string line : {"one\n", "two\n", "six\n"}) {
        while (output.room() < line.size()) {
          if (!schedule.wait([&ring] { return ring.out_prod - ring.out_cons <= 2044; })) {
            ADD_FAILURE() << "the backend has stopped reading with " << output.room() << " characters of room left";
            return;
          }
        }
        output.put(line);
        woken = true;
      }
    });
    schedule.spawn("backend", [&] {
      while (schedule.wait([&] { return woken; })) {
        woken = false;
        backend.take();
      }
    });
    schedule.run();
    EXPECT_EQ(backend.seen.substr(2040), "one\ntwo\nsix\n") << schedule.story();
  });
}

}  // namespace
}  // namespace enlighten::guest::test
