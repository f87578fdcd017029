// SPDX-License-Identifier: MIT
// Tests of the texts other programs and sources are read from.
#include <gmock/gmock.h>

#include <runner/command_line.hpp>
#include <runner/examples.hpp>
#include <runner/failure.hpp>
#include <runner/host_packages.hpp>
#include <runner/symbolizer.hpp>
#include <runner/test_counts.hpp>
#include <runner/xen_package.hpp>

#include "test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

TEST(Opening_sentence, is_what_a_source_says_of_itself) {
  EXPECT_EQ(opening_sentence("// SPDX-License-Identifier: MIT\n// Says hello. And more.\n#include <x>\n"),
            "Says hello");
  EXPECT_EQ(opening_sentence("// SPDX-License-Identifier: MIT\n// Says\n// hello.\n\n// Later.\n"), "Says hello");
  EXPECT_EQ(opening_sentence("int main() {}\n"), "");
}

TEST(Release, is_two_numbers_with_a_dot_between) {
  EXPECT_TRUE(is_release("4.17"));
  for (const char* const other : {"", "4", "4.", ".17", "4.17.1", "xen-4.17", "./4.17"}) {
    EXPECT_FALSE(is_release(other)) << other;
  }
}

TEST(Later_release, compares_numbers_and_not_letters) {
  EXPECT_TRUE(later_release("4.20", "4.9"));
  EXPECT_FALSE(later_release("4.9", "4.20"));
  EXPECT_TRUE(later_release("5.0", "4.20"));
  EXPECT_FALSE(later_release("4.17", "4.17"));
}

TEST(Phrase, names_function_file_and_line) {
  EXPECT_EQ(phrase_of("main\n/tree/examples/smp/smp.cpp:12\n", "/tree"), "main at examples/smp/smp.cpp:12");
}

TEST(Phrase, follows_inlined_calls_outwards) {
  EXPECT_EQ(phrase_of("inner\n/a.hpp:3\nouter\n/b.cpp:9 (discriminator 2)\n", "/tree"),
            "inner at /a.hpp:3, inlined in outer at /b.cpp:9");
}

TEST(Phrase, is_empty_for_an_address_nobody_knows) {
  EXPECT_THAT(phrase_of("??\n??:0\n", "/tree"), IsEmpty());
}

TEST(Symbolizer, leaves_lines_alone_without_symbols) {
  EXPECT_EQ(Symbolizer{{}}.annotate("  #0 pc=0x40001234 image+0x1234"), "  #0 pc=0x40001234 image+0x1234");
}

TEST(Test_counts, are_read_from_what_ctest_writes) {
  const Test_counts counts = read_test_counts(
      "<?xml version=\"1.0\"?>\n<testsuite name=\"Linux\"\n\ttests=\"10\"\n\tfailures=\"2\"\n\tdisabled=\"1\"\n\t"
      "skipped=\"3\"\n\thostname=\"\"\n\ttime=\"0\"\n>\n");
  EXPECT_EQ(counts.text(), "4 passed, 2 failed, 4 skipped");
  EXPECT_THROW(static_cast<void>(read_test_counts("<nothing/>")), Failure);
}

TEST(Package_list, is_read_by_group_name_and_purpose) {
  const Scratch_folder folder;
  const auto packages =
      read_package_list(folder.write("list", "# a remark\n\nrun   a-package   does this and that\n"));
  ASSERT_EQ(packages.size(), 1U);
  EXPECT_EQ(packages[0].group, "run");
  EXPECT_EQ(packages[0].name, "a-package");
  EXPECT_EQ(packages[0].purpose, "does this and that");
}

TEST(Command_line, refuses_what_contradicts_itself) {
  const char* const words[] = {"enlighten", "run", "image", "--no-xen", "--xen", "4.17"};
  EXPECT_THAT([&] { run_command_line(6, words); }, ThrowsMessage<Failure>(HasSubstr("--xen")));
}

TEST(Command_line, refuses_a_gic_there_is_not) {
  const char* const words[] = {"enlighten", "run", "image", "--gic", "4"};
  EXPECT_THAT([&] { run_command_line(5, words); }, ThrowsMessage<Failure>(HasSubstr("--gic")));
}

TEST(Command_line, wants_a_subcommand) {
  const char* const words[] = {"enlighten"};
  EXPECT_THROW(run_command_line(1, words), Failure);
}

}  // namespace
}  // namespace enlighten::runner
