// SPDX-License-Identifier: MIT
// Tests of what a domain may do to its memory map, and of what it is blamed for.
#include <model/memory_operations.hpp>

#include <algorithm>
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/memory_fixture.hpp"

namespace enlighten::model {
namespace {

using namespace memory_fixture;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Memory_operations_test : public Memory_fixture {};

INSTANTIATE_TEST_SUITE_P(releases, Memory_operations_test, testing::Values(Release::v4_17, Release::master),
                         release_name);

// Rows 22 and 25.
TEST_P(Memory_operations_test, shared_info_is_found_at_one_frame_until_it_is_removed) {
  EXPECT_EQ(add(Map_space::shared_info, 0, ram), 0);
  EXPECT_EQ(domain_.machine_frame(ram), domain_.shared_info_frame());
  EXPECT_EQ(add(Map_space::shared_info, 0, region), refusal(Errno::ebusy));
  EXPECT_EQ(add(Map_space::shared_info, 0, ram), refusal(Errno::ebusy));
  EXPECT_EQ(remove(ram), 0);
  EXPECT_EQ(domain_.machine_frame(ram), std::nullopt);
  EXPECT_EQ(remove(ram), refusal(Errno::enoent));
  EXPECT_EQ(add(Map_space::shared_info, 0, region), 0);
  EXPECT_THAT(domain_.blames(), IsEmpty());
}

// Row 23.
TEST_P(Memory_operations_test, shared_info_is_refused_for_its_first_fault) {
  EXPECT_EQ(add(Map_space::shared_info, 1, region), refusal(Errno::einval));
  EXPECT_EQ(add(Map_space::shared_info, 0, abi::no_frame), refusal(Errno::einval));
  EXPECT_EQ(add(Map_space::shared_info, 0, abi::no_frame, absent), refusal(Errno::esrch));
  EXPECT_EQ(add(Map_space::shared_info, 0, region, peer), refusal(Errno::eperm));
  EXPECT_EQ(add(Map_space::shared_info, 0, region, own), 0);
}

TEST_P(Memory_operations_test, a_frame_beyond_the_guest_physical_space_is_refused) {
  EXPECT_EQ(add(Map_space::shared_info, 0, abi::Gfn{0x100000}), refusal(Errno::einval));
  EXPECT_EQ(add(Map_space::grant_table, 0, abi::Gfn{0x100000}), refusal(Errno::einval));
}

// Row 24.
TEST_P(Memory_operations_test, other_map_spaces_are_refused) {
  EXPECT_EQ(add(static_cast<Map_space>(9), 0, region), refusal(Errno::enosys));
  EXPECT_EQ(add(Map_space::gmfn, 0, region), refusal(Errno::enosys));
  EXPECT_EQ(add(Map_space::gmfn_foreign, 0, region), refusal(Errno::enosys));
  EXPECT_EQ(add(Map_space::dev_mmio, 0, region), refusal(Errno::eacces));
  EXPECT_EQ(add(Map_space::gmfn_range, 0, region), 0);
  EXPECT_EQ(add(Map_space::gmfn_range, 0, region, abi::domain_self, 1), refusal(Errno::enosys));
}

// Row 68.
TEST_P(Memory_operations_test, grant_frames_are_found_at_one_frame_each) {
  EXPECT_EQ(add(Map_space::grant_table, 0, region), 0);
  EXPECT_EQ(add(Map_space::grant_table, 0, after(region, 1)), refusal(Errno::ebusy));
  EXPECT_EQ(add(Map_space::grant_table, 3, after(region, 3)), 0);
  EXPECT_EQ(domain_.machine_frame(after(region, 3)), domain_.grants().frame_for(3));
  abi::Gnttab_query_size size{.dom = abi::domain_self};
  EXPECT_EQ(domain_.grants().call(static_cast<std::uint32_t>(abi::Grant_table_op::query_size), address_of(size), 1),
            0);
  EXPECT_EQ(size.nr_frames, 4);
  EXPECT_EQ(add(Map_space::grant_table, 64, region), refusal(Errno::einval));
  EXPECT_EQ(add(Map_space::grant_table, abi::grant_table_status_frame, region), refusal(Errno::einval));
  EXPECT_EQ(remove(region), 0);
  EXPECT_EQ(add(Map_space::grant_table, 0, after(region, 1)), 0);
}

TEST_P(Memory_operations_test, what_is_placed_over_a_page_of_xens_frees_it_for_another_frame) {
  EXPECT_EQ(add(Map_space::grant_table, 0, region), 0);
  EXPECT_EQ(add(Map_space::shared_info, 0, region), 0);
  EXPECT_EQ(add(Map_space::grant_table, 0, after(region, 1)), 0);
}

TEST_P(Memory_operations_test, a_batch_ends_at_a_frame_that_is_none) {
  std::array<std::uint64_t, 2> indices{0, 0};
  std::array frames{region, abi::no_frame};
  std::array<std::int32_t, 2> errors{1, 1};
  abi::Xen_add_to_physmap_batch batch{.domid = abi::domain_self,
                                      .space = static_cast<std::uint16_t>(Map_space::shared_info),
                                      .size = 2,
                                      .idxs = abi::Guest_handle<std::uint64_t>{indices.data()},
                                      .gpfns = abi::Guest_handle<abi::Gfn>{frames.data()},
                                      .errs = abi::Guest_handle<std::int32_t>{errors.data()}};
  EXPECT_EQ(call(Memory_op::add_to_physmap_batch, address_of(batch)), refusal(Errno::einval));
  EXPECT_THAT(errors, ElementsAre(0, 1));
  batch.space = static_cast<std::uint16_t>(Map_space::dev_mmio);
  errors = {1, 1};
  EXPECT_EQ(call(Memory_op::add_to_physmap_batch, address_of(batch)), refusal(Errno::eacces));
  EXPECT_THAT(errors, ElementsAre(1, 1));
  EXPECT_EQ(add(Map_space::dev_mmio, 0, abi::no_frame), refusal(Errno::eacces));
}

TEST_P(Memory_operations_test, ram_that_something_was_placed_over_still_counts) {
  ASSERT_EQ(add(Map_space::shared_info, 0, ram), 0);
  ASSERT_EQ(remove(ram), 0);
  EXPECT_EQ(ask(Memory_op::current_reservation), initial);
  EXPECT_EQ(populate(ram), 0);
}

TEST_P(Memory_operations_test, giving_up_a_page_xen_refers_to_is_blamed) {
  domain_.pin(ram, "a FIFO control block");
  EXPECT_EQ(decrease(ram), 1);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("a FIFO control block")));
}

TEST_P(Memory_operations_test, placing_over_a_page_xen_refers_to_and_removing_it_are_blamed) {
  domain_.pin(ram, "vcpu_info");
  EXPECT_EQ(add(Map_space::grant_table, 0, ram), 0);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("placed over it")));
  EXPECT_EQ(remove(ram), 0);
  EXPECT_THAT(domain_.blames(), testing::SizeIs(2));
}

TEST_P(Memory_operations_test, giving_up_pages_of_xens_is_blamed) {
  ASSERT_EQ(add(Map_space::shared_info, 0, region), 0);
  EXPECT_EQ(decrease(region), 1);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("a page of Xen's")));
  EXPECT_EQ(ask(Memory_op::current_reservation), initial);
}

TEST_P(Memory_operations_test, populating_what_is_no_hole_is_blamed) {
  ASSERT_EQ(decrease(ram), 1);
  EXPECT_EQ(populate(after(ram, 1)), 1);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("no hole")));
}

TEST_P(Memory_operations_test, a_mapped_grant_is_neither_given_up_nor_removed_nor_covered) {
  machine_.silo = false;
  peer_.grants().seed(Grant_ref{8}, own, ram);
  abi::Gnttab_map_grant_ref map{
      .host_addr = abi::address_of(region), .flags = abi::grant_map::host_map, .ref = Grant_ref{8}, .dom = peer};
  ASSERT_EQ(
      domain_.grants().call(static_cast<std::uint32_t>(abi::Grant_table_op::map_grant_ref), address_of(map), 1), 0);
  ASSERT_EQ(map.status, abi::Grant_status::okay);
  EXPECT_EQ(decrease(region), 0);
  EXPECT_EQ(remove(region), refusal(Errno::enoent));
  EXPECT_EQ(add(Map_space::shared_info, 0, region), 0);
  EXPECT_THAT(domain_.blames(), testing::SizeIs(3));
}

TEST_P(Memory_operations_test, a_page_that_a_peer_has_mapped_is_not_to_be_given_up) {
  domain_.grants().seed(Grant_ref{8}, own, ram);
  abi::Gnttab_map_grant_ref map{
      .host_addr = abi::address_of(region), .flags = abi::grant_map::host_map, .ref = Grant_ref{8}, .dom = own};
  ASSERT_EQ(
      domain_.grants().call(static_cast<std::uint32_t>(abi::Grant_table_op::map_grant_ref), address_of(map), 1), 0);
  EXPECT_EQ(decrease(ram), 1);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("a grant in use")));
}

TEST_P(Memory_operations_test, increase_is_bounded_and_blamed_when_it_works) {
  abi::Gfn frame = ram;
  EXPECT_EQ(change(Memory_op::increase_reservation, &frame, {}), 0);
  EXPECT_THAT(domain_.blames(), IsEmpty());
  ASSERT_EQ(decrease(ram), 1);
  EXPECT_EQ(change(Memory_op::increase_reservation, &frame, {}), 1);
  EXPECT_EQ(populate(ram), 0);
  EXPECT_THAT(domain_.blames(), ElementsAre(HasSubstr("find nowhere")));
}

TEST_P(Memory_operations_test, reservations_are_told_to_their_domain_only) {
  EXPECT_EQ(ask(Memory_op::current_reservation), initial);
  EXPECT_EQ(ask(Memory_op::maximum_reservation, own), initial);
  EXPECT_EQ(ask(Memory_op::maximum_gpfn),
            static_cast<std::int64_t>(Fake_memory_domain::first_ram.value()) + initial - 1);
  EXPECT_GT(call(Memory_op::maximum_ram_page, 0), 0);
  EXPECT_EQ(ask(Memory_op::current_reservation, absent), refusal(Errno::esrch));
  EXPECT_EQ(ask(Memory_op::current_reservation, peer), refusal(Errno::eperm));
  EXPECT_EQ(call(Memory_op::current_reservation, bad_pointer), refusal(Errno::efault));
  EXPECT_EQ(call(Memory_op::current_reservation, bad_pointer, 1), refusal(Errno::einval));
}

// Row 80.
TEST_P(Memory_operations_test, what_arm_has_not_or_a_guest_may_not_is_refused) {
  std::array<std::uint64_t, 8> argument{};
  argument[0] = abi::domain_self.value();
  EXPECT_EQ(call(Memory_op::memory_map, address_of(argument)), refusal(Errno::enosys));
  EXPECT_EQ(call(Memory_op::machine_memory_map, address_of(argument)), refusal(Errno::enosys));
  EXPECT_EQ(call(static_cast<Memory_op>(63), address_of(argument)), refusal(Errno::enosys));
  EXPECT_EQ(call(Memory_op::get_vnumainfo, address_of(argument)), refusal(Errno::eopnotsupp));
  abi::Xen_memory_reservation claim{.extent_start = {}, .nr_extents = 1, .domid = own};
  EXPECT_EQ(call(Memory_op::claim_pages, address_of(claim)), refusal(Errno::eperm));
  claim.domid = abi::domain_self;
  EXPECT_EQ(call(Memory_op::claim_pages, address_of(claim)), refusal(Errno::einval));
  argument[0] = absent.value();
  EXPECT_EQ(call(Memory_op::acquire_resource, address_of(argument)), refusal(Errno::esrch));
}

class Batch_test : public Memory_operations_test {
 protected:
  std::int64_t batch(Map_space space, std::uint16_t size, Domain_id foreign = Domain_id{0}) {
    abi::Xen_add_to_physmap_batch wanted{.domid = abi::domain_self,
                                         .space = static_cast<std::uint16_t>(space),
                                         .size = size,
                                         .foreign_domid = foreign,
                                         .idxs = abi::Guest_handle{indices_.data()},
                                         .gpfns = abi::Guest_handle{frames_.data()},
                                         .errs = abi::Guest_handle{errors_.data()}};
    return call(Memory_op::add_to_physmap_batch, address_of(wanted));
  }

  std::array<std::uint64_t, 2> indices_{0, 1};
  std::array<abi::Gfn, 2> frames_{region, after(region, 1)};
  std::array<std::int32_t, 2> errors_{1, 1};
};

INSTANTIATE_TEST_SUITE_P(releases, Batch_test, testing::Values(Release::v4_17, Release::master),
                         [](const auto& release) { return release.param == Release::master ? "master" : "v4_17"; });

// Row 81.
TEST_P(Batch_test, each_page_of_a_batch_has_its_own_error) {
  EXPECT_EQ(batch(Map_space::grant_table, 1), 0);
  EXPECT_THAT(errors_, ElementsAre(0, 1));
  EXPECT_EQ(batch(Map_space::grant_table, 2), 0);
  EXPECT_THAT(errors_, ElementsAre(refusal(Errno::ebusy), 0));
}

// Row 81.
TEST_P(Batch_test, an_empty_batch_is_nothing_and_a_range_is_not_supported) {
  EXPECT_EQ(batch(Map_space::grant_table, 0), 0);
  EXPECT_EQ(batch(Map_space::gmfn_range, 0), refusal(Errno::eopnotsupp));
}

TEST_P(Batch_test, pages_of_other_domains_are_refused_one_by_one) {
  EXPECT_EQ(batch(Map_space::gmfn_foreign, 1, peer), 0);
  EXPECT_EQ(errors_[0], refusal(Errno::eperm));
  EXPECT_EQ(batch(Map_space::gmfn_foreign, 1, absent), 0);
  EXPECT_EQ(errors_[0], refusal(Errno::esrch));
}

}  // namespace
}  // namespace enlighten::model
