// SPDX-License-Identifier: MIT
// Files of the user's for dom0: taken as they are, and refused in words when they cannot be.
#include <runner/toolstack/dom0_file.hpp>

#include <fstream>

#include <gmock/gmock.h>

#include <runner/failure.hpp>
#include <runner/toolstack/dom0.hpp>

#include "../test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

using std::filesystem::perms;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Dom0_files : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, perms mode) {
    const auto file = folder_.path() / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream{file} << "contents of " << name;
    std::filesystem::permissions(file, mode);
    return file;
  }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  Scratch_folder folder_;
};

TEST_F(Dom0_files, are_executable_there_if_they_are_here) {
  const auto files =
      plan_dom0_files({write("program", perms::owner_all), write("data", perms::owner_read | perms::owner_write)});
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].name, "program");
  EXPECT_TRUE(files[0].executable);
  EXPECT_EQ(files[0].bytes, 19U);
  EXPECT_FALSE(files[1].executable);
}

TEST_F(Dom0_files, are_in_the_archive_that_only_this_run_has) {
  const Dom0 dom0{.image = {},
                  .configs = {},
                  .script = {},
                  .files = plan_dom0_files({write("program", perms::owner_all), write("data", perms::owner_read)})};
  const std::string bytes = dom0_run_files(dom0, {});
  const auto mode_of = [&](const std::string& name) { return bytes.substr(bytes.find(name + '\0') - 110 + 14, 8); };
  EXPECT_EQ(mode_of("root/program"), "000081ed");
  EXPECT_EQ(mode_of("root/data"), "000081a4");
  EXPECT_THAT(bytes, HasSubstr("contents of program"));
}

TEST_F(Dom0_files, are_refused_if_they_are_not_there_or_not_files) {
  const auto plan = [](const std::filesystem::path& path) { static_cast<void>(plan_dom0_files({path})); };
  EXPECT_THAT([&] { plan(folder() / "none"); }, ThrowsMessage<Failure>(HasSubstr("none: there is no such file")));
  EXPECT_THAT([&] { plan(folder()); }, ThrowsMessage<Failure>(HasSubstr("it is a folder")));
  EXPECT_THAT([&] { plan("/dev/zero"); }, ThrowsMessage<Failure>(HasSubstr("not a file that could be copied")));
}

TEST_F(Dom0_files, are_refused_if_two_have_one_name) {
  const auto one = write("a/tool", perms::owner_all);
  const auto other = write("b/tool", perms::owner_all);
  EXPECT_THAT([&] { static_cast<void>(plan_dom0_files({one, other})); },
              ThrowsMessage<Failure>(AllOf(HasSubstr("dom0 has tool already"), HasSubstr(one.string()))));
}

}  // namespace
}  // namespace enlighten::runner
