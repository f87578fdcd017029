// SPDX-License-Identifier: MIT
// Granting: which entries are written where, when the table grows, and that nothing is reused under a mapping.
#include <guest/grant_table.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "test/grant_machine.hpp"

namespace enlighten::guest {
namespace {

using test::Calls;
using test::Grant_machine;

constexpr Domain_id peer{7};
constexpr std::uint32_t in_first_frame = abi::grant_entries_per_frame - abi::grant_reserved_entries;

struct Grant_table_test : testing::Test {
  [[nodiscard]] abi::Grant_entry_v1& entry(Grant_ref ref) const {
    return reinterpret_cast<abi::Grant_entry_v1*>(Grant_machine::grant_region.base)[ref.value()];
  }
  // As Xen does while the peer has it mapped.
  void mark(Grant_ref ref, std::uint16_t marks) const { entry(ref).flags = 1U | marks; }

  [[nodiscard]] Granted_page grant(Frame_access access = Frame_access::read_write) {
    Result<Granted_page> page = table.grant_page(peer, access);
    EXPECT_TRUE(page) << page.error().text();
    return std::move(*page);
  }

  Grant_machine machine;
  Grant_table table{machine.hypercalls, machine, machine, machine, Grant_machine::grant_region};
};

TEST_F(Grant_table_test, asks_xen_for_nothing_before_the_first_grant_and_then_for_one_frame) {
  EXPECT_EQ(machine.take_calls(), Calls{});
  const Granted_page page = grant();
  EXPECT_EQ(machine.take_calls(),
            (Calls{"query_size", "stage 1 maps 1 at 0x20000000", "add_to_physmap 0 at 0x20000000"}));
}

TEST_F(Grant_table_test, leaves_the_first_eight_references_to_the_toolstack) {
  const Granted_page page = grant();
  EXPECT_EQ(page.ref(), Grant_ref{8});
}

TEST_F(Grant_table_test, writes_frame_domain_and_what_the_peer_may_do) {
  const Granted_page both = grant();
  EXPECT_EQ(entry(both.ref()).flags, 0x1);
  EXPECT_EQ(entry(both.ref()).domid, peer);
  EXPECT_EQ(entry(both.ref()).frame, reinterpret_cast<std::uintptr_t>(both.bytes().data()) / abi::page_size);
  const Granted_page reading = grant(Frame_access::read_only);
  EXPECT_EQ(entry(reading.ref()).flags, 0x5);
  EXPECT_NE(reading.ref(), both.ref());
}

TEST_F(Grant_table_test, ends_a_grant_with_its_object_and_uses_reference_and_page_again) {
  Grant_ref ref{0};
  std::byte* memory = nullptr;
  {
    const Granted_page page = grant();
    ref = page.ref();
    memory = page.bytes().data();
    std::memset(memory, 0xff, abi::page_size);
  }
  EXPECT_EQ(entry(ref).flags, 0);
  const Granted_page again = grant();
  EXPECT_EQ(again.ref(), ref);
  EXPECT_EQ(again.bytes().data(), memory);
  EXPECT_EQ(again.bytes()[17], std::byte{0});
}

TEST_F(Grant_table_test, gives_what_is_assigned_to_back_and_moves_without_ending) {
  Granted_page page = grant();
  const Grant_ref first = page.ref();
  Granted_page other = std::move(page);
  EXPECT_EQ(entry(first).flags, 1);
  other = grant();
  EXPECT_EQ(entry(first).flags, 0);
  EXPECT_EQ(entry(other.ref()).flags, 1);
}

TEST_F(Grant_table_test, grows_by_a_frame_when_all_references_are_out_and_not_before) {
  std::vector<Granted_page> pages;
  while (pages.size() < in_first_frame) {
    pages.push_back(grant());
  }
  machine.calls.clear();
  pages.push_back(grant());
  EXPECT_EQ(machine.take_calls(), (Calls{"stage 1 maps 1 at 0x20001000", "add_to_physmap 1 at 0x20001000"}));
  EXPECT_EQ(pages.back().ref(), Grant_ref{512});
  EXPECT_EQ(entry(Grant_ref{512}).flags, 1);
}

TEST_F(Grant_table_test, says_so_when_the_domain_may_have_no_more) {
  machine.max_frames = 1;
  std::vector<Granted_page> pages;
  while (pages.size() < in_first_frame) {
    pages.push_back(grant());
  }
  const Result<Granted_page> refused = table.grant_page(peer, Frame_access::read_write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), Error_kind::exhausted);
  EXPECT_STREQ(refused.error().text(), "grants: all 512 of the domain's 1 frames are in use");
  pages.pop_back();
  EXPECT_TRUE(table.grant_page(peer, Frame_access::read_write));
}

TEST_F(Grant_table_test, gives_a_page_of_ram_up_for_each_frame_where_there_is_no_region) {
  Grant_table elsewhere{machine.hypercalls, machine, machine, machine, {}};
  const Result<Granted_page> page = elsewhere.grant_page(peer, Frame_access::read_write);
  ASSERT_TRUE(page);
  EXPECT_EQ(machine.take_calls(),
            (Calls{"query_size", "decrease_reservation 0x20042", "add_to_physmap 0 at 0x20042000"}));
}

TEST_F(Grant_table_test, loses_no_page_when_xen_refuses_a_frame) {
  machine.refusals["add_to_physmap"] = abi::Errno::enomem;
  const Result<Granted_page> refused = table.grant_page(peer, Frame_access::read_write);
  ASSERT_FALSE(refused);
  EXPECT_STREQ(refused.error().text(), "XENMEM_add_to_physmap: Xen refused (12, ENOMEM: Xen is out of memory)");
  const std::uint32_t left = machine.source_pages;
  EXPECT_FALSE(table.grant_page(peer, Frame_access::read_write));
  machine.refusals.clear();
  machine.calls.clear();
  EXPECT_TRUE(table.grant_page(peer, Frame_access::read_write));
  EXPECT_EQ(machine.source_pages, left);
  EXPECT_EQ(machine.take_calls(), (Calls{"add_to_physmap 0 at 0x20000000"}));
}

TEST_F(Grant_table_test, keeps_page_and_reference_while_the_peer_has_them_mapped) {
  constexpr std::uint16_t reading = abi::grant_flags::reading;
  constexpr std::uint16_t writing = abi::grant_flags::writing;
  for (const std::uint16_t marks : {reading, static_cast<std::uint16_t>(reading | writing)}) {
    Granted_page page = grant();
    const Grant_ref ref = page.ref();
    std::byte* const memory = page.bytes().data();
    mark(ref, marks);
    EXPECT_EQ(page.end(), Grant_end::in_use);
    EXPECT_EQ(entry(ref).flags, 1U | marks) << "the entry is Xen's to change while it is in use";
    EXPECT_EQ(table.deferred(), 1U);
    EXPECT_EQ(table.retry_deferred(), 0U);
    const Granted_page next = grant();
    EXPECT_NE(next.ref(), ref);
    EXPECT_NE(next.bytes().data(), memory);

    mark(ref, 0);
    EXPECT_EQ(table.retry_deferred(), 1U);
    EXPECT_EQ(table.deferred(), 0U);
    EXPECT_EQ(entry(ref).flags, 0);
    const Granted_page again = grant();
    EXPECT_EQ(again.ref(), ref);
    EXPECT_EQ(again.bytes().data(), memory);
  }
}

TEST_F(Grant_table_test, looks_at_deferred_pages_again_when_pages_run_out) {
  Granted_page page = grant();
  const Grant_ref ref = page.ref();
  mark(ref, abi::grant_flags::reading);
  EXPECT_EQ(page.end(), Grant_end::in_use);
  machine.pool_pages = 0;
  const Result<Granted_page> none = table.grant_page(peer, Frame_access::read_write);
  ASSERT_FALSE(none);
  EXPECT_STREQ(none.error().text(), "grants: no 1 pages in a row to grant to domain 7");
  mark(ref, 0);
  EXPECT_TRUE(table.grant_page(peer, Frame_access::read_write));
  EXPECT_EQ(table.deferred(), 0U);
}

TEST_F(Grant_table_test, looks_at_deferred_references_again_before_it_grows) {
  std::vector<Granted_page> pages;
  while (pages.size() < in_first_frame) {
    pages.push_back(grant());
  }
  const Grant_ref ref = pages.back().ref();
  mark(ref, abi::grant_flags::reading);
  pages.pop_back();
  mark(ref, 0);
  machine.calls.clear();
  const Granted_page page = grant();
  EXPECT_EQ(page.ref(), ref);
  EXPECT_EQ(machine.take_calls(), Calls{});
}

TEST_F(Grant_table_test, grants_a_row_of_pages_each_under_its_own_reference) {
  Result<Granted_range> range = table.grant_range(peer, Frame_access::read_write, 5);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->pages(), 5U);
  const auto frame =
      static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(range->bytes().data()) / abi::page_size);
  for (std::uint32_t page = 0; page < 5; ++page) {
    EXPECT_EQ(entry(range->ref(page)).frame, frame + page);
    EXPECT_EQ(entry(range->ref(page)).flags, 1);
  }
  const Grant_ref mapped = range->ref(3);
  mark(mapped, abi::grant_flags::reading);
  const Grants_ended ended = range->end();
  EXPECT_EQ(ended.free, 4U);
  EXPECT_EQ(ended.deferred, 1U);
  EXPECT_EQ(machine.returned.size(), 4U);
  mark(mapped, 0);
  EXPECT_EQ(table.retry_deferred(), 1U);
  EXPECT_EQ(machine.returned.size(), 5U);
}

TEST_F(Grant_table_test, takes_no_reference_for_a_row_that_cannot_be) {
  for (const std::uint32_t pages : {0U, 257U}) {
    EXPECT_EQ(table.grant_range(peer, Frame_access::read_write, pages).error().kind(), Error_kind::argument);
  }
  machine.max_frames = 1;
  machine.pool_pages = 2;
  EXPECT_EQ(table.grant_range(peer, Frame_access::read_write, 3).error().kind(), Error_kind::out_of_memory);
  machine.pool_pages = 1900;
  // More rows than there are references, were those of a row that failed not given back.
  std::vector<Granted_range> rows;
  for (int row = 0; row < 7; ++row) {
    Result<Granted_range> made = table.grant_range(peer, Frame_access::read_write, 72);
    ASSERT_TRUE(made) << made.error().text();
    rows.push_back(std::move(*made));
  }
  EXPECT_EQ(table.grant_range(peer, Frame_access::read_write, 1).error().kind(), Error_kind::exhausted);
  rows.pop_back();
  EXPECT_EQ(table.grant_range(peer, Frame_access::read_write, 73).error().kind(), Error_kind::exhausted);
  EXPECT_TRUE(table.grant_range(peer, Frame_access::read_write, 72));
}

// Does something between an access and the next.
struct Meddling_words : Shared_words {
  template <typename T>
  [[nodiscard]] bool compare_exchange(T& word, std::type_identity_t<T>& expected, std::type_identity_t<T> desired,
                                      std::memory_order order) const noexcept {
    if (before_exchange != nullptr && *before_exchange) {
      const std::function<void()> once = std::exchange(*before_exchange, nullptr);
      once();
    }
    return Shared_words::compare_exchange(word, expected, desired, order);
  }
  std::function<void()>* before_exchange = nullptr;
};

TEST(Grant_entry_test, is_not_ended_by_an_exchange_that_the_peers_mapping_came_before) {
  Grant_entry_words words;
  std::function<void()> meanwhile = [&] { words.rights |= abi::grant_flags::reading | abi::grant_flags::writing; };
  Grant_entry<Meddling_words> entry{words, {{}, &meanwhile}};
  entry.publish(peer, abi::Gfn{0x40123}, Frame_access::read_write);
  EXPECT_EQ(entry.end(), Grant_end::in_use);
  EXPECT_EQ(words.rights, 0x70019U);
  words.rights = 0x70001;
  EXPECT_EQ(entry.end(), Grant_end::ended);
  EXPECT_EQ(words.rights, 0U);
}

struct Links {
  std::uint32_t& link(Grant_ref ref) { return words[ref.value()]; }
  std::uint32_t words[8] = {};
};

TEST(Grant_ref_list_test, is_not_fooled_by_a_reference_that_was_away_and_is_back) {
  Links links;
  std::function<void()> meanwhile;
  Grant_ref_list<Meddling_words> list{{{}, &meanwhile}};
  for (const std::uint32_t ref : {3U, 2U, 1U}) {
    list.push(links, Grant_ref{ref});
  }
  // Another takes 1 and 2 and puts 1 back, between this one's look at the link, which says 2, and its exchange.
  meanwhile = [&] {
    EXPECT_EQ(list.pop(links), Grant_ref{1});
    EXPECT_EQ(list.pop(links), Grant_ref{2});
    list.push(links, Grant_ref{1});
  };
  EXPECT_EQ(list.pop(links), Grant_ref{1});
  EXPECT_EQ(list.pop(links), Grant_ref{3}) << "2 is somebody else's";
  EXPECT_EQ(list.pop(links), std::nullopt);
}

}  // namespace
}  // namespace enlighten::guest
