// SPDX-License-Identifier: MIT
// Tests of mapping grants: what Xen refuses in which order, and what ends a mapping.
#include <model/grant_table.hpp>

#include <array>

#include "test/grant_fixture.hpp"

namespace enlighten::model {
namespace {

using namespace grant_fixture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Grant_mapping_test : public Grant_fixture {};

INSTANTIATE_TEST_SUITE_P(releases, Grant_mapping_test, testing::Values(Release::v4_17, Release::master),
                         release_name);

// Row 70.
TEST_P(Grant_mapping_test, a_domain_maps_its_own_grant_and_the_entry_says_so) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  ASSERT_EQ(map(operation), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0x19);
  EXPECT_EQ(domain_.machine_frame(region), domain_.machine_frame(granted));
  EXPECT_EQ(domain_.access(region), Access::read_write);
  EXPECT_EQ(operation.dev_bus_addr, domain_.machine_frame(granted)->value() * abi::page_size);

  EXPECT_EQ(unmap(operation.handle), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0x1);
  EXPECT_EQ(domain_.machine_frame(region), std::nullopt);
  EXPECT_THAT(domain_.blames(), IsEmpty());
}

TEST_P(Grant_mapping_test, a_mapping_is_replaced_by_nothing_and_by_nothing_else) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  ASSERT_EQ(map(operation), Grant_status::okay);
  abi::Gnttab_unmap_and_replace replacing{
      .host_addr = operation.host_addr, .new_addr = abi::address_of(granted), .handle = operation.handle};
  EXPECT_EQ(call(Grant_table_op::unmap_and_replace, replacing), 0);
  EXPECT_EQ(replacing.status, Grant_status::general_error);
  EXPECT_EQ(entry(domain_).flags, 0x19);
  replacing.new_addr = 0;
  EXPECT_EQ(call(Grant_table_op::unmap_and_replace, replacing), 0);
  EXPECT_EQ(replacing.status, Grant_status::okay);
  EXPECT_EQ(domain_.machine_frame(region), std::nullopt);
  EXPECT_EQ(call(Grant_table_op::unmap_and_replace, replacing), 0);
  EXPECT_EQ(replacing.status, Grant_status::bad_handle);
}

// Row 71.
TEST_P(Grant_mapping_test, a_mapping_is_refused_for_its_first_fault) {
  using namespace abi::grant_map;
  EXPECT_EQ(map_of(own, host_map, Grant_ref{512}), Grant_status::bad_gntref);
  EXPECT_EQ(map_of(absent), Grant_status::bad_domain);
  EXPECT_EQ(map_of(abi::domain_self), Grant_status::bad_domain);
  EXPECT_EQ(map_of(absent, 0), Grant_status::bad_gntref);
  EXPECT_EQ(map_of(absent, device_map), Grant_status::general_error);
  EXPECT_EQ(map_of(absent, host_map | contains_pte), Grant_status::general_error);
  EXPECT_EQ(map_of(own), Grant_status::general_error);
  grant(domain_, own, hole);
  EXPECT_EQ(map_of(own), Grant_status::bad_page);
  EXPECT_EQ(entry(domain_).flags, 0x1);
  EXPECT_EQ(domain_.machine_frame(region), std::nullopt);
}

TEST_P(Grant_mapping_test, flags_arm_does_not_know_are_refused_and_leave_no_mark) {
  grant(domain_, own);
  EXPECT_EQ(map_of(own, abi::grant_map::host_map | 1U << 16U), Grant_status::general_error);
  EXPECT_EQ(entry(domain_).flags, 0x1);
}

TEST_P(Grant_mapping_test, a_place_outside_the_space_is_refused_and_leaves_no_mark) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  operation.host_addr = std::uint64_t{1} << 50U;
  EXPECT_EQ(map(operation), Grant_status::general_error);
  EXPECT_EQ(entry(domain_).flags, 0x1);
}

TEST_P(Grant_mapping_test, a_grant_to_somebody_else_is_refused) {
  machine_.silo = false;
  grant(peer_, absent);
  EXPECT_EQ(map_of(peer), Grant_status::general_error);
  EXPECT_EQ(entry(peer_).flags, 0x1);
}

// Row 72.
TEST_P(Grant_mapping_test, silo_keeps_the_grants_of_peers_apart) {
  EXPECT_EQ(map_of(peer), Grant_status::permission_denied);
  machine_.silo = false;
  EXPECT_EQ(map_of(peer), Grant_status::general_error);
  grant(peer_, own);
  EXPECT_EQ(map_of(peer), Grant_status::okay);
  EXPECT_EQ(domain_.machine_frame(region), peer_.machine_frame(granted));
}

// Row 73; and row 74, for what is placed for reading lets no store through.
TEST_P(Grant_mapping_test, a_readonly_grant_is_mapped_for_reading_only) {
  grant(domain_, own, granted, abi::grant_flags::permit_access | abi::grant_flags::readonly);
  EXPECT_EQ(map_of(own), Grant_status::general_error);
  EXPECT_EQ(map_of(own, abi::grant_map::host_map | abi::grant_map::readonly), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0xd);
  EXPECT_EQ(domain_.access(region), Access::read);
}

TEST_P(Grant_mapping_test, a_handle_ends_with_its_mapping) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  ASSERT_EQ(map(operation), Grant_status::okay);
  EXPECT_EQ(unmap(abi::Grant_handle{12345}), Grant_status::bad_handle);
  EXPECT_EQ(unmap(operation.handle), Grant_status::okay);
  EXPECT_EQ(unmap(operation.handle), Grant_status::bad_handle);
}

TEST_P(Grant_mapping_test, an_unmap_without_an_address_leaves_the_mapping) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  ASSERT_EQ(map(operation), Grant_status::okay);
  EXPECT_EQ(unmap(operation.handle, 0), Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0x19);
  EXPECT_EQ(unmap(operation.handle), Grant_status::okay);
}

TEST_P(Grant_mapping_test, unmapping_elsewhere_is_refused_and_the_guest_is_blamed) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  ASSERT_EQ(map(operation), Grant_status::okay);
  EXPECT_EQ(unmap(operation.handle, abi::address_of(granted)), Grant_status::general_error);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("unmaps handle")));
  EXPECT_EQ(unmap(operation.handle), Grant_status::okay);
}

TEST_P(Grant_mapping_test, a_mapping_over_a_mapping_is_blamed) {
  grant(domain_, own);
  ASSERT_EQ(map_of(own), Grant_status::okay);
  ASSERT_EQ(map_of(own), Grant_status::okay);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("another one mapped")));
}

TEST_P(Grant_mapping_test, handles_run_out_at_the_maptrack_limit) {
  Fake_memory_domain small{machine_, Domain_id{3}, 1};
  entry(small) = {1, small.id(), static_cast<std::uint32_t>(granted.value())};
  abi::Gnttab_map_grant_ref first = mapping(small.id());
  abi::Gnttab_map_grant_ref second = mapping(small.id());
  const auto which = static_cast<std::uint32_t>(Grant_table_op::map_grant_ref);
  EXPECT_EQ(small.grants().call(which, address_of(first), 1), 0);
  EXPECT_EQ(first.status, Grant_status::okay);
  EXPECT_EQ(small.grants().call(which, address_of(second), 1), 0);
  EXPECT_EQ(second.status, Grant_status::no_space);
}

TEST_P(Grant_mapping_test, a_refused_mapping_gives_its_handle_back) {
  Fake_memory_domain small{machine_, Domain_id{3}, 1};
  const auto which = static_cast<std::uint32_t>(Grant_table_op::map_grant_ref);
  for (int time = 0; time < 3; ++time) {
    abi::Gnttab_map_grant_ref operation = mapping(small.id());
    EXPECT_EQ(small.grants().call(which, address_of(operation), 1), 0);
    EXPECT_EQ(operation.status, Grant_status::general_error);
  }
}

TEST_P(Grant_mapping_test, what_another_domain_granted_cannot_be_granted_on) {
  machine_.silo = false;
  grant(peer_, own);
  ASSERT_EQ(map_of(peer), Grant_status::okay);
  grant(domain_, own, region);
  abi::Gnttab_map_grant_ref onward = mapping(own);
  onward.host_addr += abi::page_size;
  EXPECT_EQ(map(onward), Grant_status::bad_page);
}

TEST_P(Grant_mapping_test, what_a_domain_that_dies_had_mapped_is_the_granters_again) {
  machine_.silo = false;
  grant(peer_, own);
  entry(peer_, Grant_ref{9}) = {5, own, static_cast<std::uint32_t>(granted.value()) + 1};
  std::array batch{mapping(peer), mapping(peer, abi::grant_map::host_map | abi::grant_map::readonly, Grant_ref{9})};
  batch[1].host_addr += abi::page_size;
  EXPECT_EQ(call(Grant_table_op::map_grant_ref, batch, 2), 0);
  EXPECT_EQ(entry(peer_).flags, 0x19);
  EXPECT_EQ(entry(peer_, Grant_ref{9}).flags, 0xd);
  domain_.grants().release_mappings();
  EXPECT_EQ(entry(peer_).flags, 0x1);
  EXPECT_EQ(entry(peer_, Grant_ref{9}).flags, 0x5);
  EXPECT_EQ(domain_.machine_frame(region), std::nullopt);
  EXPECT_EQ(unmap(batch[0].handle), Grant_status::bad_handle);
  EXPECT_THAT(domain_.blames(), IsEmpty());
}

TEST_P(Grant_mapping_test, caches_are_flushed_only_of_what_is_mapped) {
  grant(domain_, own);
  abi::Gnttab_map_grant_ref operation = mapping(own);
  ASSERT_EQ(map(operation), Grant_status::okay);
  abi::Gnttab_cache_flush flush{.a = {.dev_bus_addr = operation.dev_bus_addr}, .length = 64, .op = 1};
  EXPECT_EQ(call(Grant_table_op::cache_flush, flush), 0);
  flush.a.dev_bus_addr = 0;
  EXPECT_EQ(call(Grant_table_op::cache_flush, flush), refusal(abi::Errno::einval));
  flush.length = 0;
  EXPECT_EQ(call(Grant_table_op::cache_flush, flush), 0);
  flush.op = 1U << 2U;
  EXPECT_EQ(call(Grant_table_op::cache_flush, flush), refusal(abi::Errno::einval));
}

TEST_P(Grant_mapping_test, a_batch_goes_on_after_a_refusal) {
  grant(domain_, own);
  std::array batch{mapping(own, 0), mapping(own)};
  EXPECT_EQ(call(Grant_table_op::map_grant_ref, batch, 2), 0);
  EXPECT_EQ(batch[0].status, Grant_status::bad_gntref);
  EXPECT_EQ(batch[1].status, Grant_status::okay);
}

}  // namespace
}  // namespace enlighten::model
