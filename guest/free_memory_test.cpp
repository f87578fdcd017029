// SPDX-License-Identifier: MIT
// Free_walk: every free byte of every bank, once, and nothing that is taken.
#include <gmock/gmock.h>

#include <cstdint>
#include <vector>

#include <guest/free_memory.hpp>

#include "test/tree_file.hpp"

namespace enlighten::guest {
namespace {

using test::Tree_file;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Memory_range> free_ranges(Tree_file& file, std::vector<Memory_range> loaded = {}) {
  Free_walk walk{loaded, file.tree()};
  std::vector<Memory_range> found;
  while (const auto range = walk.next().value()) {
    found.push_back(*range);
  }
  return found;
}

// One bank of 128 MiB at 1 GiB.
Tree_file one_bank() {
  return Tree_file{"xen-gicv2"};
}

// The same, and 4 KiB short of 16 MiB at 8 GiB.
Tree_file two_banks() {
  Tree_file file = one_bank();
  file.cells("/memory@40000000", "reg", {0, 0x40000000, 0, 0x8000000, 2, 0, 0, 0xfff000});
  return file;
}

TEST(Free_memory, is_a_whole_bank_where_nothing_is_taken) {
  Tree_file file = two_banks();
  EXPECT_THAT(free_ranges(file),
              ElementsAre(Memory_range{0x40000000, 0x8000000}, Memory_range{0x200000000, 0xfff000}));
}

TEST(Free_memory, lies_before_between_and_behind_what_is_taken) {
  Tree_file file = two_banks();
  file.reserve(0x200100000, 0x1000);
  EXPECT_THAT(free_ranges(file, {{0x40200000, 0x10000}, {0x48000000 - 0x3000, 0x3000}}),
              ElementsAre(Memory_range{0x40000000, 0x200000}, Memory_range{0x40210000, 0x7ded000},
                          Memory_range{0x200000000, 0x100000}, Memory_range{0x200101000, 0xefe000}));
}

TEST(Free_memory, is_in_whole_pages) {
  Tree_file file = one_bank();
  EXPECT_THAT(free_ranges(file, {{0x40000fff, 2}, {0x47ffeffe, 1}}),
              ElementsAre(Memory_range{0x40002000, 0x7ffc000}, Memory_range{0x47fff000, 0x1000}));
}

TEST(Free_memory, comes_once_where_things_that_are_taken_end_at_one_address_or_lie_in_each_other) {
  Tree_file file = one_bank();
  file.reserve(0x40300000, 0x100000);
  EXPECT_THAT(free_ranges(file, {{0x40380000, 0x80000}, {0x40200000, 0x180000}, {0x40310000, 0x10000}}),
              ElementsAre(Memory_range{0x40000000, 0x200000}, Memory_range{0x40400000, 0x7c00000}));
}

TEST(Free_memory, is_none_where_all_is_taken) {
  Tree_file file = one_bank();
  EXPECT_THAT(free_ranges(file, {{0x44000000, 0x4000000}, {0x3ff00000, 0x4100000}}), IsEmpty());
}

TEST(Free_memory, is_not_touched_by_what_is_taken_elsewhere_or_is_empty) {
  Tree_file file = one_bank();
  EXPECT_THAT(free_ranges(file, {{0x1000, 0x1000}, {0x48000000, 0x1000}, {0x44000000, 0}, {0, 0}}),
              ElementsAre(Memory_range{0x40000000, 0x8000000}));
}

TEST(Free_memory, of_a_broken_reservation_is_an_error) {
  Tree_file file = one_bank();
  file.cells("/memory@40000000", "reg", {0, 0x40000000, 0});
  Free_walk walk{{}, file.tree()};
  EXPECT_FALSE(walk.next().has_value());
}

}  // namespace
}  // namespace enlighten::guest
