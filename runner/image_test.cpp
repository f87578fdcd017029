// SPDX-License-Identifier: MIT
// Tests of what is taken for an image, and of what is said about everything else.
#include <runner/image.hpp>

#include <string>

#include <gmock/gmock.h>

#include <runner/failure.hpp>

#include "test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string image_bytes() {
  std::string bytes(100, '\0');
  bytes.replace(8, 3, std::string{"\x00\x00\x08", 3});   // text_offset 0x80000
  bytes.replace(16, 3, std::string{"\x00\x00\x01", 3});  // image_size 0x10000
  bytes.replace(24, 1, "\x0a");
  bytes.replace(56, 4, "ARM\x64");
  return bytes;
}

using Matches_message = testing::Matcher<const std::string&>;

void expect_refused(const std::filesystem::path& path, const Matches_message& message) {
  EXPECT_THAT([&] { static_cast<void>(open_guest_image(path)); }, ThrowsMessage<Failure>(message));
}

void expect_refused_as_xen(const std::filesystem::path& path, const Matches_message& message) {
  EXPECT_THAT([&] { static_cast<void>(open_xen_image(path)); }, ThrowsMessage<Failure>(message));
}

class Image_test : public testing::Test {
 protected:
  Scratch_folder folder_;
};

TEST_F(Image_test, is_read_with_its_header) {
  const Guest_image image = open_guest_image(folder_.write("guest.img", image_bytes()));
  EXPECT_EQ(image.name(), "guest");
  EXPECT_EQ(image.file_size, 100U);
  EXPECT_EQ(image.header.text_offset, 0x80000U);
  EXPECT_EQ(image.header.image_size, 0x10000U);
  EXPECT_EQ(image.header.flags, 0xaU);
  EXPECT_EQ(image.extent(), 0x10000U);
  EXPECT_FALSE(image.symbols);
}

TEST_F(Image_test, takes_the_elf_beside_it_for_symbols) {
  const auto elf = folder_.write("guest",
                                 "\x7f"
                                 "ELF and more");
  EXPECT_EQ(open_guest_image(folder_.write("guest.img", image_bytes())).symbols, elf);
}

TEST_F(Image_test, takes_nothing_else_beside_it_for_symbols) {
  folder_.write("guest", "a text");
  EXPECT_FALSE(open_guest_image(folder_.write("guest.img", image_bytes())).symbols);
}

TEST_F(Image_test, that_is_missing_is_named) {
  expect_refused(folder_.path() / "none.img", AllOf(HasSubstr("there is no image"), HasSubstr("none.img")));
}

TEST_F(Image_test, that_is_a_folder_is_refused) {
  expect_refused(folder_.path(), HasSubstr("is not a file"));
}

TEST_F(Image_test, that_is_too_short_is_refused) {
  expect_refused(folder_.write("short.img", "ARM"), HasSubstr("shorter than the header"));
}

TEST_F(Image_test, without_the_magic_is_refused) {
  expect_refused(folder_.write("text.img", std::string(100, 'x')), HasSubstr("is not an arm64 Image"));
}

TEST_F(Image_test, given_as_elf_is_told_the_flat_one) {
  folder_.write("guest.img", image_bytes());
  expect_refused(folder_.write("guest",
                               "\x7f"
                               "ELF and more"),
                 AllOf(HasSubstr("ELF"), HasSubstr("guest.img")));
}

TEST_F(Image_test, that_is_compressed_is_told_so) {
  expect_refused(folder_.write("guest.gz", "\x1f\x8b and more"), HasSubstr("gunzip"));
}

TEST_F(Image_test, of_xen_is_known_by_its_banner) {
  const auto xen = folder_.write("xen", image_bytes() + "Xen version %d.%d%s");
  EXPECT_EQ(open_xen_image(xen), xen);
}

TEST_F(Image_test, of_a_guest_is_no_xen) {
  expect_refused_as_xen(folder_.write("guest.img", image_bytes()), HasSubstr("no Xen"));
}

TEST_F(Image_test, that_is_no_image_is_no_xen) {
  expect_refused_as_xen(folder_.write("text", std::string(100, 'x')), HasSubstr("not a Xen for arm64"));
}

}  // namespace
}  // namespace enlighten::runner
