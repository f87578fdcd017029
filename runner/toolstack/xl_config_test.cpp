// SPDX-License-Identifier: MIT
// What xl is told of a guest: all that was asked for, and of a user's own configuration only what is the runner's.
#include <gtest/gtest.h>

#include <runner/board_files.hpp>
#include <runner/failure.hpp>
#include <runner/toolstack/xl_config.hpp>

namespace enlighten::runner {
namespace {

const Domain domain{.name = "smp", .vcpus = 64, .memory_mib = 128, .arguments = "events=fifo"};

TEST(Xl_config, has_all_that_was_asked_for) {
  const std::string config = xl_config(domain, "/guests/1/image");
  EXPECT_EQ(xl_setting(config, "name"), "smp");
  EXPECT_EQ(xl_setting(config, "kernel"), "/guests/1/image");
  EXPECT_EQ(xl_setting(config, "vcpus"), "64");
  EXPECT_EQ(xl_setting(config, "memory"), "128");
  EXPECT_EQ(xl_setting(config, "extra"), "events=fifo");
  EXPECT_EQ(xl_setting(config, "on_reboot"), "destroy");
}

TEST(Xl_config, of_the_users_own_keeps_what_it_says_and_has_the_last_word_on_image_and_name) {
  const std::string config = adapt_xl_config("name = 'mine'\nkernel=\"/boot/x\"\nvcpus = 3\nmemory=64 # MiB",
                                             {.name = "smp", .arguments = {}}, "/guests/1/image");
  EXPECT_EQ(xl_setting(config, "name"), "smp");
  EXPECT_EQ(xl_setting(config, "kernel"), "/guests/1/image");
  EXPECT_EQ(xl_setting(config, "vcpus"), "3");
  EXPECT_EQ(xl_number(config, "memory"), 64U);
  EXPECT_FALSE(xl_number(config, "name"));
  EXPECT_FALSE(xl_setting(config, "extra"));
}

TEST(Xl_config, can_hold_one_kind_of_quotes_and_refuses_both) {
  EXPECT_NE(xl_config({.name = "a", .arguments = "x=\"y\""}, "i").find("extra = 'x=\"y\"'\n"), std::string::npos);
  EXPECT_NE(xl_config({.name = "a", .arguments = "x='y'"}, "i").find("extra = \"x='y'\"\n"), std::string::npos);
  EXPECT_THROW(static_cast<void>(xl_config({.name = "a", .arguments = "\"'"}, "i")), Failure);
  EXPECT_THROW(static_cast<void>(xl_config({.name = "a", .arguments = "a\nb"}, "i")), Failure);
}

TEST(Board_files, describe_the_same_guest_to_xl_and_to_imagebuilder) {
  const std::string xl = board_xl_config(domain, "smp.img");
  EXPECT_EQ(xl_setting(xl, "kernel"), "smp.img");
  EXPECT_EQ(xl_setting(xl, "vcpus"), "64");
  const std::string builder = board_imagebuilder_config(domain, "smp.img");
  for (const char* const line : {"DOMU_KERNEL[0]='smp.img'\n", "DOMU_MEM[0]=128\n", "DOMU_VCPUS[0]=64\n",
                                 "DOMU_CMD[0]='events=fifo'\n", "DOMU_ENHANCED[0]=2\n"}) {
    EXPECT_NE(builder.find(line), std::string::npos) << line;
  }
  EXPECT_THROW(static_cast<void>(board_imagebuilder_config({.name = "a", .arguments = "it's"}, "a.img")), Failure);
}

}  // namespace
}  // namespace enlighten::runner
