// SPDX-License-Identifier: MIT
// Copies by grants: what Xen is given, and what becomes of each.
#include <guest/grant_copy.hpp>

#include <gtest/gtest.h>

#include <array>

#include <abi/domain_id.hpp>

#include "test/grant_machine.hpp"

namespace enlighten::guest {
namespace {

using abi::Grant_status;
using test::Calls;
using test::Grant_machine;

constexpr Granted_part part{Domain_id{2}, Grant_ref{9}, 24};

struct Grant_copy_test : testing::Test {
  // Memory of ours from so many bytes into a page.
  [[nodiscard]] static std::span<std::byte> ours(std::uint64_t offset, std::size_t length) {
    return {reinterpret_cast<std::byte*>(test::Low_memory::base + 5 * abi::page_size + offset), length};
  }

  Grant_machine machine;
};

TEST_F(Grant_copy_test, names_the_grant_on_one_side_and_our_own_frame_on_the_other) {
  std::array batch{Grant_copy::from_peer(part, ours(8, 100)), Grant_copy::to_peer(part, ours(4000, 96))};
  ASSERT_TRUE(Grant_copy::run(machine.hypercalls, batch));
  EXPECT_EQ(machine.take_calls(), Calls{"copy"});
  ASSERT_EQ(machine.copies.size(), 2U);
  const abi::Gnttab_copy& from = machine.copies[0];
  EXPECT_EQ(from.flags, abi::grant_copy::source_gref);
  EXPECT_EQ(from.len, 100);
  EXPECT_EQ(from.source.domid, Domain_id{2});
  EXPECT_EQ(from.source.u.ref, Grant_ref{9});
  EXPECT_EQ(from.source.offset, 24);
  EXPECT_EQ(from.dest.domid, abi::domain_self);
  EXPECT_EQ(from.dest.u.gmfn, test::Low_memory::base / abi::page_size + 5);
  EXPECT_EQ(from.dest.offset, 8);
  const abi::Gnttab_copy& to = machine.copies[1];
  EXPECT_EQ(to.flags, abi::grant_copy::dest_gref);
  EXPECT_EQ(to.source.offset, 4000);
  EXPECT_EQ(to.dest.u.ref, Grant_ref{9});
  EXPECT_EQ(to.dest.domid, Domain_id{2});
}

TEST_F(Grant_copy_test, over_the_end_of_a_page_is_not_attempted_on_either_side) {
  std::array ours_too_long{Grant_copy::from_peer({Domain_id{2}, Grant_ref{9}}, ours(4000, 97))};
  EXPECT_STREQ(Grant_copy::run(machine.hypercalls, ours_too_long).error().text(),
               "grants: copy 0 of 97 bytes from 0 to 4000 goes over a page's end");
  std::array theirs_too_long{Grant_copy::from_peer(part, ours(0, 4)), Grant_copy::to_peer(part, ours(0, 4073))};
  EXPECT_STREQ(Grant_copy::run(machine.hypercalls, theirs_too_long).error().text(),
               "grants: copy 1 of 4073 bytes from 0 to 24 goes over a page's end");
  std::array far_too_long{Grant_copy::from_peer({Domain_id{2}, Grant_ref{9}, 0x10000}, ours(0, 0x10004))};
  EXPECT_EQ(Grant_copy::run(machine.hypercalls, far_too_long).error().kind(), Error_kind::argument);
  EXPECT_EQ(machine.take_calls(), Calls{});
}

TEST_F(Grant_copy_test, has_a_status_of_its_own_in_a_batch_that_goes_on) {
  machine.copy_statuses = {Grant_status::okay, Grant_status::general_error, Grant_status::bad_gntref};
  std::array batch{Grant_copy::from_peer(part, ours(0, 4)), Grant_copy::to_peer(part, ours(0, 4)),
                   Grant_copy::from_peer(part, ours(0, 4)), Grant_copy::from_peer(part, ours(0, 4))};
  const Result<> ran = Grant_copy::run(machine.hypercalls, batch);
  ASSERT_FALSE(ran);
  EXPECT_STREQ(
      ran.error().text(),
      "grants: Xen does not copy to grant 9 of domain 2 (-1, GNTST_general_error: not granted to us, not for "
      "that access, or no such address)");
  EXPECT_TRUE(batch[0].outcome());
  EXPECT_EQ(batch[1].outcome().error().number(), -1);
  EXPECT_EQ(batch[2].outcome().error().number(), -3);
  EXPECT_TRUE(batch[3].outcome());
}

TEST_F(Grant_copy_test, is_not_done_when_xen_refuses_the_call) {
  machine.refusals["copy"] = abi::Errno::efault;
  std::array batch{Grant_copy::from_peer(part, ours(0, 4))};
  EXPECT_EQ(Grant_copy::run(machine.hypercalls, batch).error().number(), 14);
}

}  // namespace
}  // namespace enlighten::guest
