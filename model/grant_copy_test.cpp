// SPDX-License-Identifier: MIT
// Tests of copies between pages and grants.
#include <model/grant_table.hpp>

#include <cstring>

#include "test/grant_fixture.hpp"

namespace enlighten::model {
namespace {

using namespace grant_fixture;

class Grant_copy_test : public Grant_fixture {};

INSTANTIATE_TEST_SUITE_P(releases, Grant_copy_test, testing::Values(Release::v4_17, Release::master), release_name);

// Row 75.
TEST_P(Grant_copy_test, a_copy_moves_bytes_from_a_grant_to_a_page) {
  const abi::Gfn target{granted.value() + 1};
  grant(domain_, own);
  std::memcpy(page(domain_, granted) + 100, "enlighten", 9);
  EXPECT_EQ(copy({.source = at_grant(own, ref, 100),
                  .dest = at_frame(target, 200),
                  .len = 9,
                  .flags = abi::grant_copy::source_gref}),
            Grant_status::okay);
  EXPECT_EQ(std::memcmp(page(domain_, target) + 200, "enlighten", 9), 0);
  EXPECT_EQ(entry(domain_).flags, 0x1);
  EXPECT_EQ(domain_.pinned_by(granted), nullptr);
}

// Row 75.
TEST_P(Grant_copy_test, a_copy_is_refused_for_its_first_fault) {
  const auto from = [&](abi::Gnttab_copy::Side source, std::uint16_t flags = abi::grant_copy::source_gref) {
    return copy({.source = source, .dest = at_frame(granted), .len = 8, .flags = flags});
  };
  EXPECT_EQ(from(at_grant(own)), Grant_status::general_error);
  EXPECT_EQ(from(at_grant(own, Grant_ref{512})), Grant_status::bad_gntref);
  EXPECT_EQ(from(at_frame(granted, 0, own), 0), Grant_status::permission_denied);
  EXPECT_EQ(from(at_frame(granted, 0, absent), 0), Grant_status::permission_denied);
  EXPECT_EQ(from(at_grant(absent)), Grant_status::bad_domain);
  EXPECT_EQ(from(at_frame(hole), 0), Grant_status::bad_page);
  EXPECT_EQ(from(at_frame(granted, 4090), 0), Grant_status::bad_copy_arg);
  EXPECT_EQ(from(at_grant(peer)), Grant_status::permission_denied);
  grant(domain_, own, hole);
  EXPECT_EQ(from(at_grant(own)), Grant_status::bad_page);
  EXPECT_EQ(entry(domain_).flags, 0x1);
}

TEST_P(Grant_copy_test, a_copy_may_end_with_the_page) {
  EXPECT_EQ(copy({.source = at_frame(granted, 4088), .dest = at_frame(granted), .len = 8}), Grant_status::okay);
  EXPECT_EQ(copy({.source = at_frame(granted), .dest = at_frame(granted, 4089), .len = 8}),
            Grant_status::bad_copy_arg);
}

TEST_P(Grant_copy_test, a_copy_into_a_readonly_grant_is_refused) {
  machine_.silo = false;
  grant(peer_, own, granted, abi::grant_flags::permit_access | abi::grant_flags::readonly);
  EXPECT_EQ(
      copy({.source = at_frame(granted), .dest = at_grant(peer), .len = 8, .flags = abi::grant_copy::dest_gref}),
      Grant_status::general_error);
  EXPECT_EQ(entry(peer_).flags, 0x5);
}

// Row 76.
TEST_P(Grant_copy_test, an_empty_copy_is_looked_at_by_old_releases_only) {
  const abi::Gnttab_copy empty{
      .source = at_grant(absent), .dest = at_frame(granted), .len = 0, .flags = abi::grant_copy::source_gref};
  EXPECT_EQ(copy(empty), GetParam() < Release::v4_19 ? Grant_status::bad_domain : Grant_status::okay);
}

TEST_P(Grant_copy_test, a_copy_whose_target_is_refused_lets_its_source_go) {
  grant(domain_, own);
  EXPECT_EQ(
      copy({.source = at_grant(own), .dest = at_frame(hole), .len = 8, .flags = abi::grant_copy::source_gref}),
      Grant_status::bad_page);
  EXPECT_EQ(entry(domain_).flags, 0x1);
  EXPECT_EQ(domain_.pinned_by(granted), nullptr);
}

}  // namespace
}  // namespace enlighten::model
