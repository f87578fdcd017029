// SPDX-License-Identifier: MIT
// Tests of finding the shortest part of a program that shows a difference.
#include <runner/shrink.hpp>

#include <algorithm>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::Lt;

Program_part whole(std::size_t steps) {
  Program_part part{.program = 3, .steps = std::vector<std::size_t>(steps)};
  std::iota(part.steps.begin(), part.steps.end(), std::size_t{0});
  return part;
}

// Differs in the last of `needed` if all of those are there, and counts how often it is asked.
class Planted {
 public:
  explicit Planted(std::vector<std::size_t> needed, bool by_any_vcpu = true)
      : needed_{std::move(needed)}, by_any_vcpu_{by_any_vcpu} {}

  std::vector<std::optional<std::size_t>> operator()(const std::vector<Program_part>& parts) {
    ++rounds;
    std::vector<std::optional<std::size_t>> answers;
    for (const Program_part& part : parts) {
      const bool all = std::ranges::includes(part.steps, needed_) && (by_any_vcpu_ || !part.by_first_vcpu);
      const auto last = std::ranges::find(part.steps, needed_.back());
      answers.push_back(all ? std::optional{static_cast<std::size_t>(last - part.steps.begin())} : std::nullopt);
    }
    return answers;
  }

  std::size_t rounds = 0;

 private:
  std::vector<std::size_t> needed_;
  bool by_any_vcpu_;
};

Program_part shrunk(Planted& planted, std::size_t steps) {
  return shrink(whole(steps), [&](const std::vector<Program_part>& parts) { return planted(parts); });
}

TEST(Shrinking, finds_exactly_the_steps_that_are_needed) {
  Planted planted{{4, 17, 29}};
  const Program_part part = shrunk(planted, 30);
  EXPECT_THAT(part.steps, ElementsAre(4, 17, 29));
  EXPECT_EQ(part.program, 3);
  EXPECT_TRUE(part.by_first_vcpu);
}

TEST(Shrinking, leaves_steps_to_the_vcpus_that_must_do_them) {
  Planted planted{{2, 9}, false};
  EXPECT_FALSE(shrunk(planted, 10).by_first_vcpu);
}

TEST(Shrinking, takes_a_handful_of_rounds) {
  Planted one{{199}};
  EXPECT_THAT(shrunk(one, 200).steps, ElementsAre(199));
  EXPECT_THAT(one.rounds, Lt(6));
  Planted several{{3, 50, 51, 120, 198, 199}};
  EXPECT_THAT(shrunk(several, 200).steps, ElementsAre(3, 50, 51, 120, 198, 199));
  EXPECT_THAT(several.rounds, Lt(12));
}

TEST(Shrinking, of_what_cannot_be_shorter_asks_once_more_at_most) {
  Planted planted{{0, 1, 2}};
  EXPECT_THAT(shrunk(planted, 3).steps, ElementsAre(0, 1, 2));
  EXPECT_THAT(planted.rounds, Lt(3));
}

// A difference that appears in another step, when some are gone, is another difference.
TEST(Shrinking, keeps_to_the_difference_it_was_asked_about) {
  const Program_part part = shrink(whole(8), [](const std::vector<Program_part>& parts) {
    std::vector<std::optional<std::size_t>> answers;
    for (const Program_part& one : parts) {
      const bool needed = std::ranges::find(one.steps, 5) != one.steps.end();
      const std::optional<std::size_t> another =
          one.steps.size() > 1 ? std::optional<std::size_t>{0} : std::nullopt;
      answers.push_back(needed ? one.steps.size() - 1 : another);
    }
    return answers;
  });
  EXPECT_THAT(part.steps, ElementsAre(5, 7));
}

TEST(A_part_of_a_program, is_written_as_bits_in_hexadecimal) {
  EXPECT_EQ(text({.program = 12, .steps = {0, 1, 2, 3, 4}}), "12.1f");
  EXPECT_EQ(text({.program = 7, .steps = {1, 31}, .by_first_vcpu = true}), "7.80000002.0");
  EXPECT_EQ(text({.program = 7, .steps = {}}), "7.0");
}

}  // namespace
}  // namespace enlighten::runner
