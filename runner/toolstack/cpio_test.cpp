// SPDX-License-Identifier: MIT
// Archives for Linux: the same entries give the same bytes, and Linux's own rules of the format are kept.
#include <gtest/gtest.h>

#include <string>

#include <runner/toolstack/cpio.hpp>

namespace enlighten::runner {
namespace {

// The field of a header of 110 characters, from 0: ino, mode, uid, gid, nlink, mtime, filesize, 4 devices,
// namesize, check.
std::uint64_t field(const std::string& bytes, std::size_t header, std::size_t index) {
  return std::stoull(bytes.substr(header + 6 + index * 8, 8), nullptr, 16);
}

std::size_t header_of(const std::string& bytes, const std::string& name) {
  const std::size_t at = bytes.find(name + '\0');
  return at == std::string::npos ? at : at - 110;
}

TEST(Cpio, is_the_same_in_whatever_order_entries_come) {
  Cpio one;
  one.file("b/two", "2");
  one.link("a", "b/two");
  one.file("b/one", "1", true);
  Cpio other;
  other.file("b/one", "1", true);
  other.file("b/two", "2");
  other.link("a", "b/two");
  EXPECT_EQ(one.bytes(), other.bytes());
}

TEST(Cpio, has_each_folder_before_what_is_in_it) {
  Cpio archive;
  archive.file("usr/lib/x", "");
  const std::string bytes = archive.bytes();
  EXPECT_LT(bytes.find(std::string{"usr\0", 4}), bytes.find(std::string{"usr/lib\0", 8}));
  EXPECT_LT(bytes.find(std::string{"usr/lib\0", 8}), bytes.find(std::string{"usr/lib/x\0", 10}));
  EXPECT_EQ(field(bytes, header_of(bytes, "usr/lib"), 1), 040755U);
}

TEST(Cpio, says_of_every_entry_that_it_is_roots_and_from_the_beginning_of_time) {
  Cpio archive;
  archive.file("plain", "hello");
  archive.file("program", "#!", true);
  archive.link("link", "elsewhere");
  const std::string bytes = archive.bytes();
  EXPECT_EQ(bytes.size() % 512, 0U);
  EXPECT_NE(bytes.find("TRAILER!!!"), std::string::npos);
  for (const char* const name : {"plain", "program", "link"}) {
    const std::size_t header = header_of(bytes, name);
    ASSERT_EQ(bytes.substr(header, 6), "070701") << name;
    EXPECT_EQ(header % 4, 0U) << name;
    for (const std::size_t owner_and_time : {2U, 3U, 5U}) {
      EXPECT_EQ(field(bytes, header, owner_and_time), 0U) << name;
    }
  }
  EXPECT_EQ(field(bytes, header_of(bytes, "plain"), 1), 0100644U);
  EXPECT_EQ(field(bytes, header_of(bytes, "plain"), 6), 5U);
  EXPECT_EQ(field(bytes, header_of(bytes, "program"), 1), 0100755U);
  EXPECT_EQ(field(bytes, header_of(bytes, "link"), 1), 0120777U);
}

}  // namespace
}  // namespace enlighten::runner
