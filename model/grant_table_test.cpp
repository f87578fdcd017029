// SPDX-License-Identifier: MIT
// Tests of what a grant table is as a whole, and of calls about it.
#include <model/grant_table.hpp>

#include <array>
#include <utility>

#include "test/grant_fixture.hpp"

namespace enlighten::model {
namespace {

using namespace grant_fixture;

class Grant_table_test : public Grant_fixture {};

INSTANTIATE_TEST_SUITE_P(releases, Grant_table_test, testing::Values(Release::v4_17, Release::master),
                         release_name);

// Row 66.
TEST_P(Grant_table_test, a_table_has_one_frame_of_at_most_64) {
  abi::Gnttab_query_size size{.dom = abi::domain_self};
  EXPECT_EQ(call(Grant_table_op::query_size, size), 0);
  EXPECT_EQ(size.status, Grant_status::okay);
  EXPECT_EQ(size.nr_frames, 1);
  EXPECT_EQ(size.max_nr_frames, 64);
  EXPECT_EQ(call(Grant_table_op::query_size, size, 2), refusal(abi::Errno::einval));
}

TEST_P(Grant_table_test, nobody_is_told_the_size_of_another_table) {
  abi::Gnttab_query_size of_peer{.dom = peer};
  EXPECT_EQ(call(Grant_table_op::query_size, of_peer), 0);
  EXPECT_EQ(of_peer.status, Grant_status::permission_denied);
  abi::Gnttab_query_size of_nobody{.dom = absent};
  EXPECT_EQ(call(Grant_table_op::query_size, of_nobody), 0);
  EXPECT_EQ(of_nobody.status, Grant_status::bad_domain);
}

// Row 66.
TEST_P(Grant_table_test, only_version_1_can_be_had) {
  for (const auto& [version, result] :
       {std::pair{2U, refusal(abi::Errno::enosys)}, std::pair{3U, refusal(abi::Errno::einval)},
        std::pair{1U, std::int64_t{0}}}) {
    abi::Gnttab_set_version wanted{.version = version};
    EXPECT_EQ(call(Grant_table_op::set_version, wanted), result);
    EXPECT_EQ(wanted.version, 1);
  }
  abi::Gnttab_get_version current{.dom = abi::domain_self};
  EXPECT_EQ(call(Grant_table_op::get_version, current), 0);
  EXPECT_EQ(current.version, 1);
}

TEST_P(Grant_table_test, the_version_of_another_table_is_not_told) {
  abi::Gnttab_get_version of_peer{.dom = peer};
  EXPECT_EQ(call(Grant_table_op::get_version, of_peer), refusal(abi::Errno::eperm));
  abi::Gnttab_get_version of_nobody{.dom = absent};
  EXPECT_EQ(call(Grant_table_op::get_version, of_nobody), refusal(abi::Errno::esrch));
}

TEST_P(Grant_table_test, a_table_of_version_1_has_no_status_frames) {
  abi::Gnttab_get_status_frames frames{.nr_frames = 0, .dom = abi::domain_self, .frame_list = {}};
  EXPECT_EQ(call(Grant_table_op::get_status_frames, frames), 0);
  EXPECT_EQ(frames.status, Grant_status::okay);
  frames.nr_frames = 1;
  EXPECT_EQ(call(Grant_table_op::get_status_frames, frames), 0);
  EXPECT_EQ(frames.status, Grant_status::general_error);
  frames.dom = absent;
  EXPECT_EQ(call(Grant_table_op::get_status_frames, frames), 0);
  EXPECT_EQ(frames.status, Grant_status::bad_domain);
  EXPECT_EQ(call(Grant_table_op::get_status_frames, frames, 0), refusal(abi::Errno::einval));
}

// Row 67.
TEST_P(Grant_table_test, setup_table_tells_no_frame_for_what_is_not_placed) {
  std::array<abi::Gfn, 2> list{abi::Gfn{0}, abi::Gfn{0}};
  abi::Gnttab_setup_table setup{
      .dom = abi::domain_self, .nr_frames = 2, .frame_list = abi::Guest_handle{list.data()}};
  domain_.place(region, domain_.grants().frame_for(1).value(), Access::read_write);
  domain_.grants().placed(1, region);
  EXPECT_EQ(call(Grant_table_op::setup_table, setup), 0);
  EXPECT_EQ(setup.status, Grant_status::okay);
  EXPECT_EQ(list[0], abi::no_frame);
  EXPECT_EQ(list[1], region);

  domain_.remove(region);
  EXPECT_EQ(call(Grant_table_op::setup_table, setup), 0);
  EXPECT_EQ(list[1], abi::no_frame);
}

// Row 69.
TEST_P(Grant_table_test, setup_table_refuses_too_many_frames_and_strangers_in_its_status) {
  abi::Gnttab_setup_table setup{.dom = abi::domain_self, .nr_frames = 65, .frame_list = {}};
  EXPECT_EQ(call(Grant_table_op::setup_table, setup), 0);
  EXPECT_EQ(setup.status, Grant_status::general_error);
  setup.dom = absent;
  EXPECT_EQ(call(Grant_table_op::setup_table, setup), 0);
  EXPECT_EQ(setup.status, Grant_status::bad_domain);
  setup.dom = peer;
  EXPECT_EQ(call(Grant_table_op::setup_table, setup), 0);
  EXPECT_EQ(setup.status, Grant_status::permission_denied);
  EXPECT_EQ(call(Grant_table_op::setup_table, setup, 2), refusal(abi::Errno::einval));
}

// Row 77.
TEST_P(Grant_table_test, transfers_unknown_operations_and_negative_counts_are_refused) {
  Grant_table& grants = domain_.grants();
  EXPECT_EQ(grants.call(static_cast<std::uint32_t>(Grant_table_op::transfer), bad_pointer, 1),
            refusal(abi::Errno::eopnotsupp));
  EXPECT_EQ(grants.call(99, bad_pointer, 1), refusal(abi::Errno::enosys));
  EXPECT_EQ(grants.call(99, bad_pointer, 0xffff'ffff), refusal(abi::Errno::einval));
}

TEST_P(Grant_table_test, an_argument_out_of_reach_is_a_fault) {
  using enum Grant_table_op;
  for (const auto which : {map_grant_ref, unmap_grant_ref, setup_table, copy, query_size, set_version, get_version,
                           swap_grant_ref, cache_flush}) {
    EXPECT_EQ(domain_.grants().call(static_cast<std::uint32_t>(which), bad_pointer, 1),
              refusal(abi::Errno::efault));
  }
}

TEST_P(Grant_table_test, swap_exchanges_two_entries_neither_of_which_is_in_use) {
  grant(domain_, own);
  abi::Gnttab_swap_grant_ref swap{.ref_a = ref, .ref_b = Grant_ref{9}};
  EXPECT_EQ(call(Grant_table_op::swap_grant_ref, swap), 0);
  EXPECT_EQ(swap.status, Grant_status::okay);
  EXPECT_EQ(entry(domain_).flags, 0);
  EXPECT_EQ(entry(domain_, Grant_ref{9}).frame, granted.value());

  ASSERT_EQ(map_of(own, abi::grant_map::host_map, Grant_ref{9}), Grant_status::okay);
  EXPECT_EQ(call(Grant_table_op::swap_grant_ref, swap), 0);
  EXPECT_EQ(swap.status, Grant_status::eagain);
  swap.ref_b = Grant_ref{512};
  EXPECT_EQ(call(Grant_table_op::swap_grant_ref, swap), 0);
  EXPECT_EQ(swap.status, Grant_status::bad_gntref);
}

TEST_P(Grant_table_test, the_table_grows_to_the_frame_that_is_asked_for) {
  EXPECT_NE(domain_.grants().frame_for(3), std::nullopt);
  EXPECT_EQ(domain_.grants().frame_for(64), std::nullopt);
  abi::Gnttab_query_size size{.dom = abi::domain_self};
  EXPECT_EQ(call(Grant_table_op::query_size, size), 0);
  EXPECT_EQ(size.nr_frames, 4);
  EXPECT_EQ(map_of(own, abi::grant_map::host_map, Grant_ref{2047}), Grant_status::general_error);
  EXPECT_EQ(map_of(own, abi::grant_map::host_map, Grant_ref{2048}), Grant_status::bad_gntref);
}

TEST_P(Grant_table_test, a_toolstack_seeds_an_entry_before_the_guest_runs) {
  domain_.grants().seed(abi::grant_xenstore, Domain_id{0}, granted);
  EXPECT_EQ(entry(domain_, abi::grant_xenstore).flags, 1);
  EXPECT_EQ(entry(domain_, abi::grant_xenstore).domid, Domain_id{0});
  EXPECT_EQ(entry(domain_, abi::grant_xenstore).frame, granted.value());
}

}  // namespace
}  // namespace enlighten::model
