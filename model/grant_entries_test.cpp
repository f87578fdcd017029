// SPDX-License-Identifier: MIT
// Tests of what Xen does to an entry in use, and what it blames the owner of one for.
#include <model/grant_table.hpp>

#include <atomic>

#include "test/grant_fixture.hpp"

namespace enlighten::model {
namespace {

using namespace grant_fixture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Grant_entries_test : public Grant_fixture {};

INSTANTIATE_TEST_SUITE_P(releases, Grant_entries_test, testing::Values(Release::v4_17, Release::master),
                         release_name);

TEST_P(Grant_entries_test, reading_and_writing_go_with_the_last_of_each) {
  using namespace abi::grant_map;
  grant(domain_, own);
  abi::Gnttab_map_grant_ref reader = mapping(own, host_map | readonly);
  ASSERT_EQ(map(reader), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0x9);
  const abi::Gfn second{region.value() + 1};
  abi::Gnttab_map_grant_ref writer = mapping(own);
  writer.host_addr = abi::address_of(second);
  ASSERT_EQ(map(writer), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0x19);
  EXPECT_EQ(unmap(writer.handle, writer.host_addr), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0x9);
  EXPECT_EQ(unmap(reader.handle), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0x1);
}

TEST_P(Grant_entries_test, others_may_go_before_each_access_to_an_entry) {
  grant(domain_, own);
  machine_.turns.steps.clear();
  ASSERT_EQ(map_of(own), Grant_status::okay);
  const void* const flags = &entry(domain_).flags;
  const void* const frame = &entry(domain_).frame;
  EXPECT_THAT(machine_.turns.steps, ElementsAre(flags, flags, frame));
}

TEST_P(Grant_entries_test, a_grant_that_ends_between_two_accesses_is_not_mapped) {
  grant(domain_, own);
  abi::Grant_entry_v1& shared = entry(domain_);
  int accesses = 0;
  machine_.turns.on_step = [&](const void*) {
    if (++accesses == 2) {
      std::uint16_t expected = 1;
      std::atomic_ref{shared.flags}.compare_exchange_strong(expected, 0);
    }
  };
  EXPECT_EQ(map_of(own), Grant_status::general_error);
  EXPECT_EQ(shared.flags, 0);
}

TEST_P(Grant_entries_test, an_entry_that_never_rests_is_given_up) {
  grant(domain_, own);
  abi::Grant_entry_v1& shared = entry(domain_);
  machine_.turns.on_step = [&](const void*) {
    shared.flags ^= 1U << 5U;  // GTF_PWT: ignored here, but it changes the word
  };
  EXPECT_EQ(map_of(own), Grant_status::general_error);
}

TEST_P(Grant_entries_test, an_entry_whose_frame_changes_while_mapped_is_blamed_on_its_owner) {
  machine_.silo = false;
  grant(peer_, own);
  abi::Gnttab_map_grant_ref operation = mapping(peer);
  ASSERT_EQ(map(operation), Grant_status::okay);
  entry(peer_).frame = 1;
  EXPECT_EQ(unmap(operation.handle), Grant_status::okay);
  EXPECT_THAT(peer_.blames(), ElementsAre(HasSubstr("changed its frame")));
  EXPECT_THAT(domain_.blames(), IsEmpty());
}

TEST_P(Grant_entries_test, an_entry_whose_domain_or_flags_change_while_mapped_is_blamed_on_its_owner) {
  grant(domain_, own);
  ASSERT_EQ(map_of(own), Grant_status::okay);
  domain_.grants().check();
  EXPECT_THAT(domain_.blames(), IsEmpty());
  entry(domain_).domid = absent;
  domain_.grants().check();
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("changed its domain to 99")));
  entry(domain_).domid = own;
  entry(domain_).flags = 0;
  domain_.grants().check();
  EXPECT_THAT(domain_.blames(), testing::SizeIs(2));
}

TEST_P(Grant_entries_test, an_entry_may_turn_readonly_while_nobody_writes_and_only_then) {
  using namespace abi::grant_map;
  grant(domain_, own);
  abi::Gnttab_map_grant_ref reader = mapping(own, host_map | readonly);
  ASSERT_EQ(map(reader), Grant_status::okay);
  entry(domain_).flags |= abi::grant_flags::readonly;
  domain_.grants().check();
  EXPECT_THAT(domain_.blames(), IsEmpty());
  entry(domain_).flags &= static_cast<std::uint16_t>(~abi::grant_flags::readonly);
  ASSERT_EQ(unmap(reader.handle), Grant_status::okay);

  ASSERT_EQ(map_of(own), Grant_status::okay);
  entry(domain_).flags |= abi::grant_flags::readonly;
  domain_.grants().check();
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("made it read-only")));
}

TEST_P(Grant_entries_test, a_page_is_pinned_while_it_is_mapped) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  ASSERT_EQ(map(operation), Grant_status::okay);
  EXPECT_STREQ(domain_.pinned_by(granted), "a grant in use");
  ASSERT_EQ(unmap(operation.handle), Grant_status::okay);
  EXPECT_EQ(domain_.pinned_by(granted), nullptr);
}

TEST_P(Grant_entries_test, an_entry_in_use_is_nobody_elses_even_if_its_owner_rewrites_it) {
  using namespace abi::grant_map;
  machine_.silo = false;
  grant(peer_, own);
  ASSERT_EQ(map_of(peer, host_map | readonly), Grant_status::okay);
  entry(peer_).domid = peer;
  abi::Gnttab_map_grant_ref other = mapping(peer, host_map | readonly);
  ASSERT_EQ(peer_.grants().call(static_cast<std::uint32_t>(Grant_table_op::map_grant_ref), address_of(other), 1),
            0);
  EXPECT_EQ(other.status, Grant_status::general_error);
  EXPECT_THAT(peer_.blames(), ElementsAre(HasSubstr("changed its domain to 2")));
}

}  // namespace
}  // namespace enlighten::model
