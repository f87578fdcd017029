// SPDX-License-Identifier: MIT
// What each end does in every pair of states, and that two ends get to where they should, whoever is slow, closes
// or vanishes.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <drivers/xenbus.hpp>

namespace enlighten::drivers {
namespace {

using State = Xenbus_state;

// One letter for what is done, and the number of the state that follows; "." to wait, "!" for an error.
[[nodiscard]] std::string words(const Result<Xenbus_move>& move) {
  if (!move) {
    return "!";
  }
  return move->step == Xenbus_step::wait
             ? "."
             : std::string{"?pcrxf"[static_cast<int>(move->step)]} + std::to_string(static_cast<int>(move->next));
}

[[nodiscard]] std::string row(Xenbus_role role, unsigned own) {
  std::string text;
  for (unsigned peer = 0; peer <= 9; ++peer) {
    text += words(xenbus_next(role, static_cast<State>(own), static_cast<State>(peer))) + " ";
  }
  return text + words(xenbus_next(role, static_cast<State>(own), std::nullopt));
}

// p publish, c connect, r reconfigure, x close, f release. A column for each state of the other end, 0 to 9, of
// which the last is none, and one for an end that is not there.
TEST(Xenbus_next_test, says_what_a_front_does_in_every_pair_of_states) {
  const std::pair<unsigned, const char*> rows[] = {
      {0, "! ! ! ! ! ! ! ! ! ! !"},      {1, ". . p3 p3 p3 . . . . ! ."},    {2, "! ! ! ! ! ! ! ! ! ! !"},
      {3, "x5 . . . c4 x5 x5 . . ! x5"}, {4, "x5 . . . . x5 x5 r7 . ! x5"},  {5, "f6 f6 f6 . . f6 f6 . . ! f6"},
      {6, ". . . . . . . . . ! ."},      {7, "x5 . . . c4 x5 x5 . c4 ! x5"}, {8, "! ! ! ! ! ! ! ! ! ! !"},
      {9, "! ! ! ! ! ! ! ! ! ! !"}};
  for (const auto& [own, expected] : rows) {
    EXPECT_EQ(row(Xenbus_role::front, own), expected) << own;
  }
}

TEST(Xenbus_next_test, says_what_a_back_does_in_every_pair_of_states) {
  const std::pair<unsigned, const char*> rows[] = {
      {0, "! ! ! ! ! ! ! ! ! ! !"},       {1, ". p2 ! p2 p2 . . p2 ! ! ."},   {2, "x5 . ! c4 c4 x5 x5 . ! ! x5"},
      {3, "x5 . ! c4 c4 x5 x5 . ! ! x5"}, {4, "x5 x5 ! . . x5 x5 r8 ! ! x5"}, {5, "f6 f6 ! . . . f6 . ! ! f6"},
      {6, ". p2 ! . . . . . ! ! ."},      {7, "x5 x5 ! . . x5 x5 r8 ! ! x5"}, {8, "x5 x5 ! c4 c4 x5 x5 . ! ! x5"},
      {9, "! ! ! ! ! ! ! ! ! ! !"}};
  for (const auto& [own, expected] : rows) {
    EXPECT_EQ(row(Xenbus_role::back, own), expected) << own;
  }
}

TEST(Xenbus_next_test, has_words_for_what_cannot_be) {
  const auto text = [](const auto& result) { return std::string{result ? "" : result.error().text()}; };
  EXPECT_EQ(text(xenbus_next(Xenbus_role::back, State::connected, State::init_wait)),
            "xenbus: the other end says that it is init_wait (2), which no front is");
  EXPECT_EQ(text(xenbus_next(Xenbus_role::front, State::connected, static_cast<State>(77))),
            "xenbus: the other end says that it is none of the nine (77), which no back is");
  EXPECT_EQ(text(xenbus_next(Xenbus_role::front, State::init_wait, State::closed)),
            "xenbus: no front is init_wait");
  EXPECT_EQ(text(xenbus_state_of("9")), "xenbus: '9' is no state: those are 0 to 8");
  for (const char* const none : {"", " 1", "1 ", "-1", "0x1", "4294967297", "99999999999999999999", "four"}) {
    EXPECT_FALSE(xenbus_state_of(none)) << none;
  }
  EXPECT_EQ(*xenbus_state_of("4"), State::connected);
}

using Pair = std::pair<State, State>;

// All pairs that two ends can come to from `begin`, each going on whenever it likes. `disturb` adds what somebody
// else may do at any of them.
std::set<Pair> reachable(const Pair& begin, const std::function<void(const Pair&, std::set<Pair>&)>& disturb) {
  std::set<Pair> all{begin};
  std::set<Pair> open = all;
  while (!open.empty()) {
    const auto [front, back] = *open.begin();
    open.erase(open.begin());
    std::set<Pair> next;
    const auto front_moves = xenbus_next(Xenbus_role::front, front, back);
    const auto back_moves = xenbus_next(Xenbus_role::back, back, front);
    EXPECT_TRUE(front_moves && back_moves) << name(front) << " and " << name(back);
    if (!front_moves || !back_moves) {
      return all;
    }
    next.insert({front_moves->next, back});
    next.insert({front, back_moves->next});
    disturb({front, back}, next);
    for (const Pair& pair : next) {
      if (all.insert(pair).second) {
        open.insert(pair);
      }
    }
  }
  return all;
}

[[nodiscard]] bool is_still(const Pair& pair) {
  return xenbus_next(Xenbus_role::front, pair.first, pair.second)->step == Xenbus_step::wait &&
         xenbus_next(Xenbus_role::back, pair.second, pair.first)->step == Xenbus_step::wait;
}

TEST(Xenbus_next_test, connects_two_ends_whoever_is_first) {
  const auto pairs = reachable({State::initialising, State::initialising}, [](const Pair&, std::set<Pair>&) {});
  for (const Pair& pair : pairs) {
    EXPECT_EQ(is_still(pair), (pair == Pair{State::connected, State::connected}))
        << name(pair.first) << " and " << name(pair.second);
  }
}

TEST(Xenbus_next_test, closes_both_ends_whichever_begins_to_at_whatever_step) {
  const auto pairs =
      reachable({State::initialising, State::initialising}, [](const Pair& now, std::set<Pair>& next) {
        if (now.first != State::closed) {
          next.insert({State::closing, now.second});
        }
        if (now.second != State::closed) {
          next.insert({now.first, State::closing});
        }
        if (now == Pair{State::connected, State::connected}) {
          next.insert({State::connected, State::reconfiguring});
        }
      });
  EXPECT_TRUE(pairs.contains({State::connected, State::reconfigured}) ||
              pairs.contains({State::reconfiguring, State::reconfigured}));
  const std::set<Pair> ends{{State::connected, State::connected},
                            {State::closed, State::closed},
                            // Whoever has not begun lets the other one be closed, and waits for it to begin anew.
                            {State::closed, State::initialising}};
  for (const Pair& pair : pairs) {
    EXPECT_TRUE(!is_still(pair) || ends.contains(pair))
        << "both wait for ever, " << name(pair.first) << " and " << name(pair.second);
  }
}

TEST(Xenbus_next_test, comes_to_its_end_alone_when_the_other_one_vanishes_at_whatever_step) {
  for (const Xenbus_role role : {Xenbus_role::front, Xenbus_role::back}) {
    for (unsigned from = 2; from <= 8; ++from) {
      State own = static_cast<State>(from);
      if (!xenbus_next(role, own, std::nullopt)) {
        continue;
      }
      for (int steps = 0; own != State::closed && steps < 3; ++steps) {
        own = xenbus_next(role, own, std::nullopt)->next;
      }
      EXPECT_EQ(own, State::closed) << from;
    }
  }
}

}  // namespace
}  // namespace enlighten::drivers
