// SPDX-License-Identifier: MIT
// Tests of the way work takes from one vCPU to another, with threads as vCPUs.
#include <runtime/inbox.hpp>

#include <array>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace enlighten::runtime {
namespace {

struct Numbered : Work {
  unsigned poster = 0;
  unsigned number = 0;
};

TEST(Inbox, is_empty_until_something_is_posted) {
  Inbox inbox;
  EXPECT_TRUE(inbox.empty());
  EXPECT_EQ(inbox.take(), nullptr);
  Work work;
  inbox.post(work);
  EXPECT_FALSE(inbox.empty());
  EXPECT_EQ(inbox.take(), &work);
  EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, hands_out_in_the_order_of_posting) {
  Inbox inbox;
  std::array<Work, 5> works;
  for (Work& work : works) {
    inbox.post(work);
  }
  const Work* taken = inbox.take();
  for (const Work& work : works) {
    ASSERT_EQ(taken, &work);
    taken = taken->next;
  }
  EXPECT_EQ(taken, nullptr);
}

TEST(Inbox, loses_and_doubles_nothing_that_many_post_at_once) {
  constexpr unsigned posters = 4;
  constexpr unsigned each = 20'000;
  Inbox inbox;
  std::vector<std::vector<Numbered>> works(posters, std::vector<Numbered>(each));
  std::vector<std::jthread> threads;
  for (unsigned poster = 0; poster < posters; ++poster) {
    threads.emplace_back([&inbox, &mine = works[poster], poster] {
      for (unsigned number = 0; number < each; ++number) {
        mine[number].poster = poster;
        mine[number].number = number;
        inbox.post(mine[number]);
      }
    });
  }
  std::array<unsigned, posters> expected{};
  for (unsigned taken = 0; taken < posters * each;) {
    for (const Work* work = inbox.take(); work != nullptr; work = work->next) {
      const auto& numbered = static_cast<const Numbered&>(*work);
      // Of one poster, each comes once and in order.
      ASSERT_EQ(numbered.number, expected[numbered.poster]++);
      ++taken;
    }
  }
  EXPECT_TRUE(inbox.empty());
}

}  // namespace
}  // namespace enlighten::runtime
