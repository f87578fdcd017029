// SPDX-License-Identifier: MIT
// Tests of what several boots give together, and of its comparison.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <runner/bench/measurements.hpp>
#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<Figure> boot(double guest) {
  return {{.name = "event", .what = "guest", .amount = guest}};
}

Bench_report report(double guest) {
  return {.xen = "Xen", .qemu = "10.0.2", .measurements = summarise(8, {boot(guest)})};
}

TEST(Measurements, have_least_median_and_most_of_all_boots) {
  const auto measurements = summarise(8, {boot(5), boot(5), boot(9), boot(1), boot(7)});
  ASSERT_EQ(measurements.size(), 1U);
  EXPECT_EQ(measurements[0].least, 1);
  EXPECT_EQ(measurements[0].median, 5);
  EXPECT_EQ(measurements[0].most, 9);
  EXPECT_TRUE(measurements[0].repeats);
}

TEST(Measurements, that_differ_with_the_same_seed_are_marked) {
  const auto measurements = summarise(8, {boot(5), boot(6), boot(5)});
  EXPECT_FALSE(measurements[0].repeats);
  EXPECT_THAT(as_table(measurements), HasSubstr("DOES NOT REPEAT"));
}

TEST(Measurements, survive_their_file) {
  const Bench_report before = report(120.5);
  const Bench_report after = read_bench_report(as_json(before), "f.json");
  EXPECT_EQ(after.xen, "Xen");
  EXPECT_THAT(compare(before, after, 0).changed, IsEmpty());
}

TEST(Measurements, of_a_file_of_somebody_else_are_refused) {
  EXPECT_THROW(static_cast<void>(read_bench_report("{}", "f.json")), Failure);
  EXPECT_THROW(static_cast<void>(read_bench_report("no JSON", "f.json")), Failure);
}

TEST(Comparison, tells_a_rise_beyond_what_is_tolerated) {
  EXPECT_EQ(compare(report(100), report(102), 2).risen, 0U);
  const Comparison comparison = compare(report(100), report(103), 2);
  EXPECT_EQ(comparison.risen, 1U);
  EXPECT_THAT(comparison.changed, ElementsAre("event, guest (8 vCPUs): 100 before, 103 now (+3.0 %)"));
}

TEST(Comparison, tells_a_fall_and_does_not_count_it_as_a_rise) {
  const Comparison comparison = compare(report(100), report(50), 2);
  EXPECT_EQ(comparison.risen, 0U);
  EXPECT_EQ(comparison.changed.size(), 1U);
}

TEST(Comparison, counts_what_was_free_and_no_longer_is) {
  EXPECT_EQ(compare(report(0), report(1), 2).risen, 1U);
}

TEST(Comparison, names_what_only_one_side_has) {
  const Bench_report none{.xen = {}, .qemu = {}, .measurements = {}};
  EXPECT_THAT(compare(report(1), none, 2).changed, ElementsAre(HasSubstr("not measured now")));
  EXPECT_THAT(compare(none, report(1), 2).changed, ElementsAre(HasSubstr("not measured before")));
}

}  // namespace
}  // namespace enlighten::runner
