// SPDX-License-Identifier: MIT
// The console ring on its way in: nothing is lost or torn with the backend acting between any two steps, and a
// hostile backend gains nothing.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include <guest/console_ring.hpp>

#include "test/interleaving.hpp"

namespace enlighten::guest::test {
namespace {

// The other end as xenconsoled has it ([xen] tools/console/daemon/io.c): it puts in what there is room for.
template <Word_policy Words = Shared_words>
class Typist {
 public:
  explicit Typist(abi::Console_ring& ring, Words words = {}) : ring_{ring}, words_{words} {}

  // What is left of the text.
  [[nodiscard]] std::string_view type(std::string_view text) {
    std::uint32_t at = words_.load(ring_.in_prod, std::memory_order_relaxed);
    const std::uint32_t room = sizeof ring_.in - (at - words_.load(ring_.in_cons, std::memory_order_acquire));
    const std::string_view now = text.substr(0, room);
    for (const char character : now) {
      words_.store(ring_.in[at++ % sizeof ring_.in], static_cast<std::uint8_t>(character),
                   std::memory_order_relaxed);
    }
    words_.store(ring_.in_prod, at, std::memory_order_release);
    return text.substr(now.size());
  }

 private:
  abi::Console_ring& ring_;
  Words words_;
};

template <typename Input>
std::string take(Input& input, std::size_t most) {
  std::string text(most, '?');
  const Result<std::uint32_t> count = input.take(text);
  EXPECT_TRUE(count) << count.error().text();
  text.resize(count ? *count : 0);
  return text;
}

TEST(Console_input_ring, gives_what_was_typed_in_order_however_often_it_wraps) {
  abi::Console_ring ring;
  ring.in_cons = ring.in_prod = 0xffff'ff00;  // the index wraps, too
  Console_input<> input{ring};
  Typist<> typist{ring};
  std::string all;
  for (int index = 0; index < 5000; ++index) {
    all += static_cast<char>('a' + index % 23);
  }
  std::string seen;
  std::string_view rest{all};
  for (std::size_t round = 0; seen.size() < all.size(); ++round) {
    ASSERT_LT(round, all.size());
    rest = typist.type(rest);
    seen += take(input, 1 + round * 7 % 90);
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(take(input, 10), "");
}

TEST(Console_input_ring, gives_room_back_only_for_what_was_taken) {
  abi::Console_ring ring;
  Console_input<> input{ring};
  static_cast<void>(Typist<>{ring}.type("hello"));
  EXPECT_EQ(take(input, 3), "hel");
  EXPECT_EQ(ring.in_cons, 3U);
  EXPECT_EQ(take(input, 100), "lo");
  EXPECT_EQ(ring.in_cons, 5U);
}

TEST(Console_input_ring, is_an_error_while_the_backend_claims_to_have_typed_more_than_it_holds) {
  abi::Console_ring ring;
  Console_input<> input{ring};
  std::array<char, 16> text{};
  for (const std::uint32_t produced : {1025U, 0x8000'0000U, 0xffff'ffffU}) {
    ring.in_prod = produced;
    const Result<std::uint32_t> taken = input.take(text);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind(), Error_kind::protocol);
    EXPECT_EQ(std::string{taken.error().text()}, "console: the backend's index in_prod " +
                                                     std::to_string(produced) + " is not within 1024 of in_cons 0");
    EXPECT_EQ(ring.in_cons, 0U);
  }
}

TEST(Console_input_ring, is_never_left_whatever_a_backend_writes_anywhere_in_the_page) {
  abi::Console_ring ring;
  Console_input<> input{ring};
  std::mt19937 random{1};
  std::uint32_t taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    ring.in_prod = random() % 2 == 0 ? static_cast<std::uint32_t>(random())
                                     : taken + static_cast<std::uint32_t>(random() % 1100);
    ring.in_cons = static_cast<std::uint32_t>(random());
    std::array<char, 48> text;
    text.fill('!');
    const Result<std::uint32_t> count = input.take(std::span{text}.first(32));
    taken += count ? *count : 0;
    ASSERT_LE(count ? *count : 0, 32U);
    ASSERT_EQ(std::string(text.begin() + 32, text.end()), std::string(16, '!'));
  }
  EXPECT_GT(taken, 0U);
}

// A ring that is about to wrap, and a reader that is woken for each part.
TEST(Console_input_in_every_order, loses_and_tears_no_character) {
  expect_in_every_order([](Schedule& schedule) {
    abi::Console_ring ring;
    ring.in_prod = 1020;
    ring.in_cons = 0;
    schedule.share(std::span{ring.in});
    schedule.share(ring.in_cons);
    schedule.share(ring.in_prod);
    Console_input<Stepped_words> input{ring, Stepped_words{schedule}};
    Typist<Stepped_words> typist{ring, Stepped_words{schedule}};
    EXPECT_EQ(take(input, 1020).size(), 1020U);
    std::string seen;
    bool typed = false;
    schedule.watch(typed);
    schedule.spawn("backend", [&] {
      for (std::string_view rest{"abcdef"}; !rest.empty();) {
        // Two at a time.
        const std::string_view left = typist.type(rest.substr(0, 2));
        rest.remove_prefix(2 - left.size());
        typed = true;
      }
    });
    schedule.spawn("guest", [&] {
      while (schedule.wait([&] { return typed; })) {
        typed = false;
        for (std::string part = take(input, 3); !part.empty(); part = take(input, 3)) {
          seen += part;
        }
      }
    });
    schedule.run();
    EXPECT_EQ(seen, "abcdef") << schedule.story();
  });
}

}  // namespace
}  // namespace enlighten::guest::test
