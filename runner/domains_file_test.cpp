// SPDX-License-Identifier: MIT
// Guests from a file: all that the command line can say of them, and mistakes with their place.
#include <runner/domains_file.hpp>

#include <fstream>
#include <string>

#include <gmock/gmock.h>

#include <runner/failure.hpp>

#include "test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Domains_file : public testing::Test {
 protected:
  [[nodiscard]] std::vector<Guest_options> read(const std::string& text) const {
    const auto file = folder_.path() / "two.toml";
    std::ofstream{file} << text;
    return read_domains_file(file);
  }
  // Says so of that line.
  void refuses(const std::string& text, const std::string& place, const std::string& what) const {
    EXPECT_THAT([&] { static_cast<void>(read(text)); },
                ThrowsMessage<Failure>(AllOf(HasSubstr("two.toml" + place), HasSubstr(what))))
        << text;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  Scratch_folder folder_;
};

TEST_F(Domains_file, says_of_each_guest_all_that_the_command_line_can) {
  const auto guests = read(R"(
# Two of them.
[[domain]]
image = "hello"
name = "a"
vcpus = 2
memory = 64
args = "rounds=7 x=\"y\""
event-channels = ["10:b:11", "12:b:13"]

[[domain]]
image = "smp"
xl-config = "own.cfg"
)");
  ASSERT_EQ(guests.size(), 2U);
  EXPECT_EQ(guests[0].what, "hello");
  EXPECT_EQ(guests[0].called, "a");
  EXPECT_EQ(guests[0].vcpus, 2U);
  EXPECT_EQ(guests[0].memory_mib, 64U);
  EXPECT_EQ(guests[0].arguments, "rounds=7 x=\"y\"");
  EXPECT_THAT(guests[0].event_channels, ElementsAre("10:b:11", "12:b:13"));
  const Guest_options by_default;
  EXPECT_EQ(guests[1].what, "smp");
  EXPECT_FALSE(guests[1].called);
  EXPECT_EQ(guests[1].vcpus, by_default.vcpus);
  EXPECT_EQ(guests[1].memory_mib, by_default.memory_mib);
  EXPECT_EQ(guests[1].xl_config, folder() / "own.cfg");
}

TEST_F(Domains_file, finds_images_beside_itself_and_leaves_names_of_examples_alone) {
  std::ofstream{folder() / "mine"} << "image";
  const auto guests = read(
      "[[domain]]\nimage = \"mine\"\n[[domain]]\nimage = \"./other.img\"\n"
      "[[domain]]\nimage = \"/boot/one\"\n[[domain]]\nimage = \"hello\"");
  EXPECT_EQ(guests.at(0).what, (folder() / "mine").string());
  EXPECT_THAT(guests.at(1).what, EndsWith("/other.img"));
  EXPECT_EQ(guests.at(2).what, "/boot/one");
  EXPECT_EQ(guests.at(3).what, "hello");
}

TEST_F(Domains_file, refuses_keys_that_it_does_not_know) {
  refuses("[[domain]]\nimage = \"hello\"\ncpus = 2",
          ":3: cpus: ", "there is no such key; a domain has image, name");
  refuses("\ntimeout = 3\n[[domain]]\nimage = \"hello\"", ":2: timeout: ", "there is no such key");
}

TEST_F(Domains_file, refuses_values_of_another_kind_or_size) {
  const std::string start = "[[domain]]\nimage = \"hello\"\n";
  for (const char* const wrong :
       {"vcpus = \"2\"", "vcpus = 0", "vcpus = -1", "vcpus = 1.5", "vcpus = 4294967296"}) {
    refuses(start + wrong, ":3: vcpus: ", "it is a whole number from 1 on");
  }
  refuses(start + "memory = true", ":3: memory: ", "it is a whole number from 1 on");
  refuses(start + "name = 7", ":3: name: ", "it is a text");
  refuses(start + "name = \"\"", ":3: name: ", "it is a text");
  refuses(start + "event-channels = \"10:b:11\"", ":3: event-channels: ", "it is a list of texts");
  refuses(start + "event-channels = [10]", ":3: event-channels: ", "it is a text");
}

TEST_F(Domains_file, refuses_what_is_no_domain) {
  refuses("", "", "it has no domain");
  refuses("domain = 3", ":1: domain: ", "[[domain]]");
  refuses("[domain]\nimage = \"hello\"", ":1: domain: ", "[[domain]]");
  refuses("[[domain]]\nname = \"a\"", ":1: ", "this domain has no image");
}

TEST_F(Domains_file, says_where_it_is_no_toml) {
  refuses("[[domain]]\nimage = \"hello", ":2: ", "string");
  refuses("[[domain]]\nimage = \"a\"\nimage = \"b\"", ":3: ", "image");
}

TEST_F(Domains_file, that_cannot_be_read_is_an_error_with_its_name) {
  EXPECT_THAT([&] { static_cast<void>(read_domains_file(folder() / "none.toml")); },
              ThrowsMessage<Failure>(HasSubstr("none.toml: it cannot be read")));
  EXPECT_THAT([&] { static_cast<void>(read_domains_file(folder())); },
              ThrowsMessage<Failure>(HasSubstr("it is a folder")));
}

}  // namespace
}  // namespace enlighten::runner
