// SPDX-License-Identifier: MIT
// Page tables as hardware would read them, against what was asked for.
#include <arch/page_table.hpp>

#include <array>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "table_walk.hpp"

namespace enlighten::arch {
namespace {

using test::Host_tables;
using test::walk;
using test::Walk_result;
using Table = Page_table<Host_tables>;

constexpr std::uint64_t kib4 = 4096;
constexpr std::uint64_t mib2 = 2ULL << 20;
constexpr std::uint64_t gib1 = 1ULL << 30;

Table make(Host_tables& tables, Page_table_options options = {}) {
  return Table::create(tables, options).value();
}

std::optional<Walk_result> look(const Host_tables& tables, const Table& table, std::uint64_t address,
                                unsigned bits = 48) {
  return walk(tables, table.top(), bits, address);
}

TEST(Page_table, maps_a_page_and_nothing_beside_it) {
  Host_tables tables{8};
  Table table = make(tables);
  ASSERT_TRUE(table.map({0x4020'1000, 0x8765'4000, kib4, Memory_kind::data}));
  const auto found = look(tables, table, 0x4020'1abc);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->output, 0x8765'4abcU);
  EXPECT_EQ(found->span, kib4);
  EXPECT_TRUE(found->access_flag);
  EXPECT_TRUE(found->inner_shareable);
  EXPECT_FALSE(found->not_global);
  EXPECT_FALSE(look(tables, table, 0x4020'0fff));
  EXPECT_FALSE(look(tables, table, 0x4020'2000));
}

TEST(Page_table, gives_each_kind_its_permissions_and_none_write_and_execute) {
  Host_tables tables{8};
  Table table = make(tables);
  struct Expected {
    Memory_kind kind;
    bool write, execute, device;
  };
  const std::vector<Expected> kinds{{Memory_kind::code, false, true, false},
                                    {Memory_kind::read_only, false, false, false},
                                    {Memory_kind::data, true, false, false},
                                    {Memory_kind::device, true, false, true}};
  std::uint64_t address = 0x1000;
  for (const Expected& expected : kinds) {
    ASSERT_TRUE(table.map(identity(address, kib4, expected.kind)));
    const auto found = look(tables, table, address);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->write, expected.write);
    EXPECT_EQ(found->execute, expected.execute);
    EXPECT_EQ(found->device, expected.device);
    EXPECT_FALSE(found->write && found->execute);
    EXPECT_FALSE(found->el0_any);
    address += kib4;
  }
}

TEST(Page_table, uses_the_largest_blocks_that_both_addresses_and_the_size_allow) {
  Host_tables tables{16};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(gib1 - mib2 - kib4, gib1 + 2 * mib2 + 2 * kib4, Memory_kind::data)));
  EXPECT_EQ(look(tables, table, gib1 - mib2 - kib4)->span, kib4);
  EXPECT_EQ(look(tables, table, gib1 - mib2)->span, mib2);
  EXPECT_EQ(look(tables, table, gib1 - 1)->span, mib2);
  EXPECT_EQ(look(tables, table, gib1)->span, gib1);
  EXPECT_EQ(look(tables, table, 2 * gib1)->span, mib2);
  EXPECT_EQ(look(tables, table, 2 * gib1 + mib2)->span, kib4);
  EXPECT_FALSE(look(tables, table, 2 * gib1 + mib2 + kib4));
}

TEST(Page_table, does_not_use_blocks_where_only_the_input_is_aligned) {
  Host_tables tables{8};
  Table table = make(tables);
  ASSERT_TRUE(table.map({gib1, gib1 + mib2, mib2, Memory_kind::data}));
  EXPECT_EQ(look(tables, table, gib1)->span, mib2);
  ASSERT_TRUE(table.map({2 * gib1, gib1 + kib4, mib2, Memory_kind::data}));
  EXPECT_EQ(look(tables, table, 2 * gib1)->span, kib4);
  EXPECT_EQ(look(tables, table, 2 * gib1 + mib2 - 1)->output, gib1 + kib4 + mib2 - 1);
}

TEST(Page_table, uses_pages_alone_when_asked_to) {
  Host_tables tables{8};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(gib1, 2 * mib2, Memory_kind::data), Block_use::pages_only));
  EXPECT_EQ(look(tables, table, gib1)->span, kib4);
  EXPECT_EQ(look(tables, table, gib1 + 2 * mib2 - 1)->span, kib4);
}

TEST(Page_table, has_no_blocks_of_512_gib) {
  Host_tables tables{8};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(0, 512 * gib1, Memory_kind::data)));
  EXPECT_EQ(look(tables, table, 0)->span, gib1);
  EXPECT_EQ(look(tables, table, 512 * gib1 - 1)->output, 512 * gib1 - 1);
}

TEST(Page_table, starts_at_the_level_that_the_input_width_asks_for) {
  for (const Input_bits bits :
       {Input_bits::bits_32, Input_bits::bits_39, Input_bits::bits_44, Input_bits::bits_48}) {
    Host_tables tables{8};
    Table table = make(tables, {.input = bits});
    const std::uint64_t last_page = (1ULL << width(bits)) - kib4;
    ASSERT_TRUE(table.map(identity(last_page, kib4, Memory_kind::data)));
    EXPECT_EQ(tables.used(), 4 - start_level(bits));
    const auto found = look(tables, table, last_page + 8, width(bits));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->output, last_page + 8);
    EXPECT_EQ(table.map(identity(last_page, 2 * kib4, Memory_kind::data)).error(),
              Page_table_error::input_too_wide);
    EXPECT_EQ(table.map(identity(1ULL << width(bits), kib4, Memory_kind::data)).error(),
              Page_table_error::input_too_wide);
  }
  EXPECT_EQ(start_level(Input_bits::bits_32), 1U);
  EXPECT_EQ(start_level(Input_bits::bits_39), 1U);
  EXPECT_EQ(start_level(Input_bits::bits_44), 0U);
  EXPECT_EQ(start_level(Input_bits::bits_48), 0U);
}

TEST(Page_table, refuses_what_it_cannot_describe) {
  Host_tables tables{8};
  Table table = make(tables, {.output = Output_bits::bits_40});
  const auto refused = [&table](Mapping mapping) { return table.map(mapping).error(); };
  EXPECT_EQ(refused(identity(0x1000, 0, Memory_kind::data)), Page_table_error::empty);
  EXPECT_EQ(refused(identity(0x1800, kib4, Memory_kind::data)), Page_table_error::misaligned);
  EXPECT_EQ(refused(identity(0x1000, 100, Memory_kind::data)), Page_table_error::misaligned);
  EXPECT_EQ(refused({0x1000, 0x1001, kib4, Memory_kind::data}), Page_table_error::misaligned);
  EXPECT_EQ(refused({0x1000, (1ULL << 40) - kib4, 2 * kib4, Memory_kind::data}), Page_table_error::output_too_wide);
  EXPECT_EQ(refused(identity(0x1000, ~0ULL - kib4 + 1, Memory_kind::data)), Page_table_error::input_too_wide);
  EXPECT_EQ(refused({0x1000, ~0ULL - kib4 + 1, kib4, Memory_kind::data}), Page_table_error::output_too_wide);
  EXPECT_EQ(tables.used(), 1U);
}

TEST(Page_table, refuses_an_overlap_and_leaves_what_was_there) {
  Host_tables tables{16};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(gib1, mib2, Memory_kind::code)));
  ASSERT_TRUE(table.map(identity(gib1 + mib2 + kib4, kib4, Memory_kind::read_only)));
  EXPECT_EQ(table.map(identity(gib1 + kib4, kib4, Memory_kind::data)).error(), Page_table_error::overlap);
  EXPECT_EQ(table.map(identity(gib1 + mib2, 2 * kib4, Memory_kind::data)).error(), Page_table_error::overlap);
  EXPECT_EQ(table.map(identity(gib1, gib1, Memory_kind::data)).error(), Page_table_error::overlap);
  EXPECT_FALSE(look(tables, table, gib1 + mib2));
  EXPECT_TRUE(look(tables, table, gib1)->execute);
  EXPECT_FALSE(look(tables, table, gib1 + mib2 + kib4)->write);
}

TEST(Page_table, leaves_a_guard_page_between_two_stacks) {
  Host_tables tables{8};
  Table table = make(tables);
  constexpr std::uint64_t stacks = 0x4000'0000;
  for (std::uint64_t stack = 0; stack < 4; ++stack) {
    ASSERT_TRUE(table.map(identity(stacks + stack * 5 * kib4 + kib4, 4 * kib4, Memory_kind::data)));
  }
  for (std::uint64_t page = 0; page < 20; ++page) {
    EXPECT_EQ(look(tables, table, stacks + page * kib4).has_value(), page % 5 != 0) << page;
  }
}

TEST(Page_table, maps_all_or_nothing_when_tables_run_out) {
  Host_tables tables{4};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(0x1000, kib4, Memory_kind::data)));
  ASSERT_EQ(tables.used(), 4U);
  EXPECT_EQ(table.map(identity(mib2 - kib4, 2 * kib4, Memory_kind::data)).error(),
            Page_table_error::no_table_memory);
  EXPECT_FALSE(look(tables, table, mib2 - kib4));
  tables.allow(1);
  EXPECT_TRUE(table.map(identity(mib2 - kib4, 2 * kib4, Memory_kind::data)));
  Host_tables none{0};
  EXPECT_EQ(Table::create(none, {}).error(), Page_table_error::no_table_memory);
}

TEST(Page_table, owes_invalidation_only_once_it_is_live) {
  Host_tables tables{8};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(0x1000, 4 * kib4, Memory_kind::data)));
  EXPECT_EQ(table.unmap(0x1000, kib4).value(), (Tlb_maintenance{}));
  table.becomes_live();
  EXPECT_EQ(table.unmap(0x2000, 2 * kib4).value(), (Tlb_maintenance{0x2000, 2 * kib4}));
  EXPECT_EQ(table.protect(0x4000, kib4, Memory_kind::read_only).value(), (Tlb_maintenance{0x4000, kib4}));
  EXPECT_FALSE(look(tables, table, 0x1000));
  EXPECT_FALSE(look(tables, table, 0x3fff));
  EXPECT_FALSE(look(tables, table, 0x4000)->write);
  EXPECT_EQ(table.unmap(0x3000, 2 * kib4).error(), Page_table_error::not_mapped);
  EXPECT_TRUE(look(tables, table, 0x4000));
}

TEST(Page_table, maps_anew_where_it_was_unmapped) {
  Host_tables tables{8};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(gib1, mib2, Memory_kind::data), Block_use::pages_only));
  ASSERT_TRUE(table.unmap(gib1, mib2));
  ASSERT_TRUE(table.map({gib1, 4 * gib1, mib2, Memory_kind::read_only}));
  EXPECT_EQ(look(tables, table, gib1 + 5)->output, 4 * gib1 + 5);
}

TEST(Page_table, splits_a_block_only_while_no_hardware_walks_it) {
  Host_tables tables{8};
  Table table = make(tables, {.scope = Descriptor::Scope::address_space});
  ASSERT_TRUE(table.map({gib1, 8 * gib1, gib1, Memory_kind::data}));
  ASSERT_TRUE(table.protect(gib1 + mib2 + kib4, kib4, Memory_kind::code));
  EXPECT_TRUE(look(tables, table, gib1 + mib2 + kib4)->execute);
  EXPECT_EQ(look(tables, table, gib1 + mib2 + kib4)->output, 8 * gib1 + mib2 + kib4);
  EXPECT_TRUE(look(tables, table, gib1 + mib2)->write);
  EXPECT_TRUE(look(tables, table, gib1 + mib2)->not_global);
  EXPECT_EQ(look(tables, table, 2 * gib1 - 1)->output, 9 * gib1 - 1);
  EXPECT_EQ(look(tables, table, 2 * gib1 - 1)->span, mib2);
  table.becomes_live();
  EXPECT_EQ(table.unmap(2 * gib1 - kib4, kib4).error(), Page_table_error::block_in_use);
  EXPECT_EQ(table.protect(gib1, kib4, Memory_kind::code).error(), Page_table_error::block_in_use);
  EXPECT_TRUE(table.unmap(2 * gib1 - mib2, mib2));
}

TEST(Page_table, never_turns_memory_into_a_device_in_place) {
  Host_tables tables{8};
  Table table = make(tables);
  ASSERT_TRUE(table.map(identity(0x1000, kib4, Memory_kind::data)));
  ASSERT_TRUE(table.map(identity(0x2000, kib4, Memory_kind::device)));
  EXPECT_EQ(table.protect(0x1000, kib4, Memory_kind::device).error(), Page_table_error::device_in_memory);
  EXPECT_EQ(table.protect(0x1000, 2 * kib4, Memory_kind::read_only).error(), Page_table_error::device_in_memory);
  EXPECT_TRUE(look(tables, table, 0x1000)->write);
}

// Random ranges, mapped, unmapped and protected, against a plain list of pages.
TEST(Page_table, agrees_with_a_list_of_pages_after_any_sequence_of_changes) {
  struct Page {
    std::uint64_t output;
    Memory_kind kind;
    bool operator==(const Page&) const = default;
  };
  constexpr std::uint64_t pages = 2048;  // 8 MiB, across a 1 GiB border
  constexpr std::uint64_t first = gib1 - 2 * mib2;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    std::mt19937 random{seed};
    const auto below = [&random](std::uint64_t limit) { return random() % limit; };
    Host_tables tables{64};
    Table table = make(tables);
    std::map<std::uint64_t, Page> expected;
    for (int step = 0; step < 60; ++step) {
      // Often whole blocks, so that these are made, met and split.
      const std::uint64_t unit = below(3) == 0 ? 512U : 1U;
      const std::uint64_t start = below(pages / unit) * unit;
      const std::uint64_t count = std::min(pages - start, unit * (1 + below(unit == 1 ? 600U : 3U)));
      const auto kind = static_cast<Memory_kind>(below(3));
      const std::uint64_t input = first + start * kib4;
      constexpr std::array<std::uint64_t, 3> distances{0, 64 * gib1, 5 * kib4};
      const std::uint64_t output = input + distances.at(below(3));
      std::uint64_t present = 0;
      for (std::uint64_t page = start; page < start + count; ++page) {
        present += expected.contains(page) ? 1U : 0U;
      }
      switch (below(3)) {
        case 0: {
          const auto blocks = below(2) == 0 ? Block_use::blocks : Block_use::pages_only;
          ASSERT_EQ(table.map({input, output, count * kib4, kind}, blocks).has_value(), present == 0);
          for (std::uint64_t page = 0; present == 0 && page < count; ++page) {
            expected.emplace(start + page, Page{output + page * kib4, kind});
          }
          break;
        }
        case 1:
          ASSERT_EQ(table.unmap(input, count * kib4).has_value(), present == count);
          for (std::uint64_t page = start; present == count && page < start + count; ++page) {
            expected.erase(page);
          }
          break;
        default:
          ASSERT_EQ(table.protect(input, count * kib4, kind).has_value(), present == count);
          for (std::uint64_t page = start; present == count && page < start + count; ++page) {
            expected.at(page).kind = kind;
          }
      }
    }
    for (std::uint64_t page = 0; page < pages; ++page) {
      const auto found = look(tables, table, first + page * kib4);
      const auto wanted = expected.find(page);
      ASSERT_EQ(found.has_value(), wanted != expected.end()) << "seed " << seed << " page " << page;
      if (found) {
        ASSERT_EQ(found->output, wanted->second.output) << "seed " << seed << " page " << page;
        ASSERT_EQ(found->write, wanted->second.kind == Memory_kind::data) << "seed " << seed << " page " << page;
        ASSERT_EQ(found->execute, wanted->second.kind == Memory_kind::code) << "seed " << seed << " page " << page;
      }
    }
    EXPECT_FALSE(look(tables, table, first - 1));
    EXPECT_FALSE(look(tables, table, first + pages * kib4));
  }
}

TEST(Translation_control, describes_one_range_with_cached_shareable_walks) {
  // T0SZ 16, IRGN0 1, ORGN0 1, SH0 3, T1SZ 16, EPD1, TG1 4 KiB, IPS 40 bits.
  EXPECT_EQ(translation_control(Input_bits::bits_48, Output_bits::bits_40), 0x2'8090'3510U);
  EXPECT_EQ(translation_control(Input_bits::bits_39, Output_bits::bits_48), 0x5'8099'3519U);
  EXPECT_EQ(width(Output_bits::bits_32), 32U);
  EXPECT_EQ(width(Output_bits::bits_36), 36U);
  EXPECT_EQ(width(Output_bits::bits_40), 40U);
  EXPECT_EQ(width(Output_bits::bits_42), 42U);
  EXPECT_EQ(width(Output_bits::bits_44), 44U);
  EXPECT_EQ(width(Output_bits::bits_48), 48U);
}

TEST(Descriptor, tells_back_what_it_was_made_of) {
  for (const unsigned level : {1U, 2U, 3U}) {
    for (const Memory_kind kind :
         {Memory_kind::code, Memory_kind::read_only, Memory_kind::data, Memory_kind::device}) {
      for (const auto scope : {Descriptor::Scope::global, Descriptor::Scope::address_space}) {
        const Descriptor leaf = Descriptor::leaf(5 * gib1, level, kind, scope);
        EXPECT_EQ(leaf.kind(), kind);
        EXPECT_EQ(leaf.scope(), scope);
        EXPECT_EQ(leaf.address(), 5 * gib1);
        EXPECT_FALSE(leaf.is_table(level));
      }
    }
  }
  EXPECT_EQ(Descriptor::memory_attributes, 0x04ffU);
}

}  // namespace
}  // namespace enlighten::arch
