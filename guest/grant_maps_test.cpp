// SPDX-License-Identifier: MIT
// Mapping what others grant: the order of the two stages, all or nothing, and which addresses are used again when.
#include <guest/grant_maps.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "test/grant_machine.hpp"

namespace enlighten::guest {
namespace {

using abi::Grant_status;
using test::Calls;
using test::Grant_machine;

constexpr Domain_id peer{2};
constexpr std::uint64_t start = Grant_machine::window.base;

struct Grant_maps_test : testing::Test {
  [[nodiscard]] Result<Mapped_range> map(std::uint32_t pages, Frame_access access = Frame_access::read_write) {
    std::vector<Grant_ref> refs;
    refs.reserve(pages);
    for (std::uint32_t page = 0; page < pages; ++page) {
      refs.emplace_back(100 + page);
    }
    return maps.map_range(peer, refs, access);
  }

  Grant_machine machine;
  Grant_maps maps{machine.hypercalls, machine, machine, Grant_machine::window};
};

TEST_F(Grant_maps_test, maps_at_xen_and_then_at_stage_1_and_unmaps_in_the_opposite_order) {
  Result<Mapped_page> page = maps.map_page(peer, Grant_ref{9}, Frame_access::read_write);
  ASSERT_TRUE(page);
  EXPECT_EQ(machine.take_calls(), (Calls{"map 9 of 2 at 0x20010000", "stage 1 maps 1 at 0x20010000"}));
  EXPECT_EQ(page->bytes().data(), reinterpret_cast<std::byte*>(start));
  EXPECT_EQ(page->bytes().size(), abi::page_size);
  EXPECT_TRUE(page->unmap());
  EXPECT_EQ(machine.take_calls(), (Calls{"stage 1 unmaps 1 at 0x20010000", "unmap 9 at 0x20010000"}));
  EXPECT_FALSE(*page);
  EXPECT_TRUE(page->unmap());
  EXPECT_EQ(machine.take_calls(), Calls{});
}

TEST_F(Grant_maps_test, maps_read_only_at_both_stages_and_gives_nothing_to_write_to) {
  const Result<Mapped_page> page = maps.map_page(peer, Grant_ref{9}, Frame_access::read_only);
  ASSERT_TRUE(page);
  EXPECT_EQ(machine.take_calls(),
            (Calls{"map read-only 9 of 2 at 0x20010000", "stage 1 maps 1 at 0x20010000 read-only"}));
  EXPECT_TRUE(page->writable().empty());
  EXPECT_FALSE(page->bytes().empty());
  const Result<Mapped_page> both = maps.map_page(peer, Grant_ref{10}, Frame_access::read_write);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->writable().size(), abi::page_size);
}

TEST_F(Grant_maps_test, maps_a_row_in_batches_and_unmaps_it_with_its_object) {
  {
    const Result<Mapped_range> row = map(18);
    ASSERT_TRUE(row);
    EXPECT_EQ(machine.calls.size(), 19U);
    EXPECT_EQ(machine.calls[17], "map 117 of 2 at 0x20021000");
    EXPECT_EQ(machine.calls[18], "stage 1 maps 18 at 0x20010000");
    const Cpu_local& self = cpu_local();
    EXPECT_EQ(self.calls[Call::grant_table_op], 2U);
    machine.calls.clear();
  }
  EXPECT_EQ(machine.calls.size(), 19U);
  EXPECT_EQ(machine.calls[0], "stage 1 unmaps 18 at 0x20010000");
  EXPECT_EQ(machine.calls[18], "unmap 117 at 0x20021000");
}

TEST_F(Grant_maps_test, undoes_what_was_mapped_around_a_page_that_xen_refuses) {
  machine.map_statuses.emplace(Grant_ref{101}, Grant_status::permission_denied);
  const Result<Mapped_range> row = map(3);
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().number(), -8);
  EXPECT_STREQ(row.error().text(),
               "grants: Xen does not map grant 101 of domain 2 (-8, GNTST_permission_denied: Xen's security module "
               "keeps the two domains apart)");
  EXPECT_EQ(machine.take_calls(),
            (Calls{"map 100 of 2 at 0x20010000", "map 101 of 2 at 0x20011000", "map 102 of 2 at 0x20012000",
                   "unmap 100 at 0x20010000", "unmap 102 at 0x20012000"}));
  machine.map_statuses.clear();
  EXPECT_TRUE(map(48)) << "all addresses are free again";
}

TEST_F(Grant_maps_test, undoes_a_whole_batch_for_a_refusal_in_the_next) {
  machine.map_statuses.emplace(Grant_ref{116}, Grant_status::bad_gntref);
  EXPECT_EQ(map(17).error().number(), -3);
  EXPECT_EQ(machine.calls.size(), 17U + 16U);
  EXPECT_TRUE(map(16));
}

TEST_F(Grant_maps_test, unmaps_at_xen_what_stage_1_has_no_tables_for) {
  machine.stage_1_has_tables = false;
  const Result<Mapped_range> row = map(1);
  ASSERT_FALSE(row);
  EXPECT_STREQ(row.error().text(), "no table");
  EXPECT_EQ(machine.calls.back(), "unmap 100 at 0x20010000");
}

TEST_F(Grant_maps_test, passes_on_what_xen_says_of_the_call_itself) {
  machine.refusals["map"] = abi::Errno::enosys;
  EXPECT_STREQ(map(2).error().text(),
               "GNTTABOP_map_grant_ref: Xen refused (38, ENOSYS: this Xen has no such call)");
  machine.refusals.clear();
  EXPECT_TRUE(map(48));
}

TEST_F(Grant_maps_test, never_uses_an_address_again_at_which_xen_left_a_page) {
  Result<Mapped_range> row = map(3);
  ASSERT_TRUE(row);
  machine.unmap_statuses[start + abi::page_size] = Grant_status::general_error;
  const Result<> unmapped = row->unmap();
  ASSERT_FALSE(unmapped);
  EXPECT_STREQ(
      unmapped.error().text(),
      "grants: Xen does not unmap the page at 0x20011000, handle 101 (-1, GNTST_general_error: not granted "
      "to us, not for that access, or no such address)");
  EXPECT_FALSE(map(47));
  EXPECT_TRUE(map(46));
}

TEST_F(Grant_maps_test, refuses_what_there_are_no_addresses_for) {
  EXPECT_EQ(map(0).error().kind(), Error_kind::argument);
  EXPECT_STREQ(map(49).error().text(), "grants: 49 pages cannot be mapped: there are addresses for 48");
  const Result<Mapped_range> most = map(47);
  ASSERT_TRUE(most);
  EXPECT_EQ(map(2).error().kind(), Error_kind::exhausted);
  EXPECT_TRUE(map(1));
}

TEST_F(Grant_maps_test, says_so_where_there_is_no_extended_region) {
  Grant_maps nowhere{machine.hypercalls, machine, machine, {}};
  const Result<Mapped_page> page = nowhere.map_page(peer, Grant_ref{9}, Frame_access::read_only);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind(), Error_kind::unsupported);
  EXPECT_EQ(machine.take_calls(), Calls{});
}

TEST_F(Grant_maps_test, maps_nothing_without_a_page_for_what_it_must_know) {
  for (const std::uint32_t source_pages : {0U, 1U}) {
    machine.source_pages = source_pages;
    EXPECT_EQ(map(1).error().kind(), Error_kind::out_of_memory);
  }
  EXPECT_EQ(machine.take_calls(), Calls{});
  machine.source_pages = 1;
  EXPECT_TRUE(map(48));
}

TEST(Frame_window_test, uses_an_address_again_only_when_the_others_have_been) {
  Grant_machine machine;
  Frame_window window{machine, {start, 4 * abi::page_size}};
  const std::uint64_t first = *window.take(1);
  window.give_back(first, 1);
  EXPECT_EQ(*window.take(1), start + abi::page_size);
  EXPECT_EQ(*window.take(2), start + 2 * abi::page_size);
  EXPECT_EQ(*window.take(1), start);
  EXPECT_EQ(window.take(1).error().kind(), Error_kind::exhausted);
}

TEST(Frame_window_test, has_the_whole_pages_of_its_range) {
  Grant_machine machine;
  EXPECT_EQ((Frame_window{machine, {start + 1, 3 * abi::page_size}}.pages()), 2U);
  EXPECT_EQ(*(Frame_window{machine, {start + 1, 3 * abi::page_size}}.take(1)), start + abi::page_size);
  EXPECT_EQ((Frame_window{machine, {start + 1, 100}}.pages()), 0U);
  EXPECT_EQ((Frame_window{machine, {0, 0}}.pages()), 0U);
  EXPECT_EQ((Frame_window{machine, {0x40000000, 1ULL << 40U}}.pages()), Frame_window::most_pages);
}

TEST(Frame_window_test, finds_a_row_only_where_all_of_it_is_free) {
  Grant_machine machine;
  Frame_window window{machine, {start, 6 * abi::page_size}};
  const std::uint64_t all = *window.take(6);
  window.give_back(all + 4 * abi::page_size, 2);
  window.give_back(all, 2);
  EXPECT_FALSE(window.take(3)) << "the end and the beginning are no row";
  window.give_back(all + 2 * abi::page_size, 1);
  EXPECT_EQ(*window.take(3), all);
}

}  // namespace
}  // namespace enlighten::guest
