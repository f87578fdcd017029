// SPDX-License-Identifier: MIT
// Paths: what they are put together to, and that what xenstored would refuse is refused before, with a reason.
#include <gtest/gtest.h>

#include <string>

#include <guest/xenstore_path.hpp>

namespace enlighten::guest {
namespace {

std::string problem_of(const Xenstore_path& path) {
  const Result<> checked = path.check();
  EXPECT_EQ(path.is_valid(), checked.has_value());
  return checked ? "" : checked.error().text();
}

TEST(Xenstore_path, is_put_together_of_texts_numbers_and_ids) {
  EXPECT_EQ((own_domain / "device" / "vif" / 0).view(), "device/vif/0");
  EXPECT_EQ((own_domain / "device/vif" / 17U / "state").view(), "device/vif/17/state");
  EXPECT_EQ((domain_directory(Domain_id{32751}) / "name").view(), "/local/domain/32751/name");
  EXPECT_EQ((Xenstore_path{"/"} / "local").view(), "/local");
  EXPECT_EQ((own_domain / 18'446'744'073'709'551'615U).view(), "18446744073709551615");
  EXPECT_EQ(own_domain / "cpu" / 3 / "availability", Xenstore_path{"cpu/3/availability"});
  EXPECT_EQ(problem_of(Xenstore_path{"/"}), "");
  EXPECT_EQ(problem_of(release_domain_event), "");
  static_assert((own_domain / "control" / "shutdown").is_valid());
}

TEST(Xenstore_path, that_has_a_wrong_character_or_slash_says_where) {
  const auto about = [](const char* shown, const char* why) {
    return std::string{"xenstore: no path can have "} + why + " behind \"" + shown + "\"";
  };
  const char* const character = "what is no letter, digit, - _ @ or /";
  const char* const slash = "a slash too many, or nothing,";
  EXPECT_EQ(problem_of("device/v if"), about("device/v", character));
  EXPECT_EQ(problem_of(own_domain / "a" / "b.c" / "d"), about("a/b", character));
  EXPECT_EQ(problem_of(Xenstore_path{std::string_view{"a\0b", 3}}), about("a", character));
  EXPECT_EQ(problem_of(own_domain / -1), about("", character));
  EXPECT_EQ(problem_of("a//b"), about("a/", slash));
  EXPECT_EQ(problem_of("a/"), about("a/", slash));
  EXPECT_EQ(problem_of("//"), about("/", slash));
  EXPECT_EQ(problem_of(own_domain / "a" / ""), about("a/", slash));
  EXPECT_EQ(problem_of(own_domain / "a" / "/b"), about("a/", slash));
  EXPECT_EQ(problem_of(own_domain), about("", "no character at all"));
}

TEST(Xenstore_path, may_be_254_characters_long_and_no_longer) {
  const Xenstore_path longest{std::string(254, 'x')};
  EXPECT_TRUE(longest.is_valid());
  EXPECT_EQ(longest.view(), std::string(254, 'x'));
  EXPECT_FALSE(Xenstore_path{std::string(255, 'x')}.is_valid());
  EXPECT_FALSE((longest / "y").is_valid());
  EXPECT_FALSE((longest / 1).is_valid());
  EXPECT_NE(problem_of(longest / 1).find("more than 254"), std::string::npos) << problem_of(longest / 1);
  EXPECT_NE(longest / 1, longest) << "what was cut off";
}

}  // namespace
}  // namespace enlighten::guest
