// SPDX-License-Identifier: MIT
// dom0 as seen from outside: its messages, its image, the lines of its ports, and a run that it ends.
#include <gtest/gtest.h>

#include <fstream>

#include <runner/failure.hpp>
#include <runner/places.hpp>
#include <runner/toolstack/dom0.hpp>
#include <runner/toolstack/dom0_init.hpp>
#include <runner/toolstack/dom0_messages.hpp>
#include <runner/watch.hpp>

#include "../test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

using Kind = Dom0_message::Kind;

TEST(Dom0_messages, are_read_with_their_number_or_their_text) {
  EXPECT_EQ(read_dom0_message("said error: no memory").value().text, "error: no memory");
  EXPECT_EQ(read_dom0_message("script").value().text, "");
  EXPECT_EQ(read_dom0_message("created 2").value().guest, 1U);
  EXPECT_EQ(read_dom0_message("script-ended 7").value().status, 7);
  EXPECT_EQ(read_dom0_message("failed xenstored").value().kind, Kind::failed);
  EXPECT_EQ(read_dom0_message("shell-ended").value().kind, Kind::shell_ended);
}

TEST(Dom0_messages, are_nothing_when_they_are_not_understood) {
  for (const char* const line : {"", "hello", "created", "created 0", "created x", "ended 1 2", "script-ended 256",
                                 "script-ended -1", "refused 99999999999"}) {
    EXPECT_FALSE(read_dom0_message(line)) << line;
  }
}

TEST(Dom0_init, says_only_what_the_runner_understands) {
  std::size_t words = 0;
  for (std::size_t at = dom0_init.find("say \""); at != std::string_view::npos;
       at = dom0_init.find("say \"", at + 1)) {
    std::string line{dom0_init.substr(at + 5, dom0_init.find('"', at + 5) - at - 5)};
    if (line.starts_with("$1 ")) {
      continue;  // prefix(), whose words are below
    }
    for (std::size_t dollar = line.find('$'); dollar != std::string::npos; dollar = line.find('$')) {
      line.resize(dollar);
      line += '1';
    }
    EXPECT_TRUE(read_dom0_message(line)) << line;
    ++words;
  }
  EXPECT_GE(words, 5U);
  for (const char* const word : {"said", "script"}) {
    EXPECT_NE(dom0_init.find(std::string{"prefix "} + word), std::string_view::npos) << word;
    EXPECT_TRUE(read_dom0_message(word)) << word;
  }
}

Console_line said(std::string text) {
  return {Writer::toolstack, 0, std::move(text)};
}

TEST(Watch_of_dom0, is_over_when_xl_refuses_the_guest_and_has_its_words) {
  Watch watch{std::vector{Domain{.name = "a", .arguments = {}}}};
  watch.read(said("said libxl: error: no free memory"));
  EXPECT_FALSE(watch.over());
  watch.read(said("refused 1"));
  EXPECT_TRUE(watch.over());
  EXPECT_EQ(watch.toolstack_words(), "libxl: error: no free memory");
  report::Run run;
  run.domains.resize(1);
  watch.tell(run);
  EXPECT_EQ(run.domains[0].ending, report::Domain_ending::refused);
}

TEST(Watch_of_dom0, waits_for_the_script_and_makes_its_status_a_result) {
  Watch watch{std::vector{Domain{.name = "a", .arguments = {}}}, {.script = true}};
  watch.read({Writer::guest, 1, "enlighten: end verdict=success code=0 reason=\"done\""});
  EXPECT_FALSE(watch.over());
  EXPECT_EQ(watch.unfinished(), "dom0's script has not ended");
  watch.read(said("script-ended 3"));
  EXPECT_TRUE(watch.over());
  report::Run run;
  run.domains.resize(2);
  watch.tell(run);
  EXPECT_EQ(run.domains[1].end.value().verdict, report::Verdict::failure);
  EXPECT_EQ(run.domains[1].end.value().code, 3);
}

TEST(Watch_of_dom0, ends_with_a_guest_that_is_gone_without_a_word_or_with_dom0_itself) {
  Watch gone{std::vector{Domain{.name = "a", .arguments = {}}}};
  gone.read(said("ended 1"));
  EXPECT_TRUE(gone.over());
  Watch panicked{std::vector{Domain{.name = "a", .arguments = {}}}};
  panicked.read({Writer::machine, 0, "[    1.0] Kernel panic - not syncing: No working init found."});
  EXPECT_TRUE(panicked.over());
  EXPECT_NE(panicked.toolstack_words().find("Kernel panic"), std::string::npos);
}

TEST(Watch_of_dom0, ends_with_the_shell_and_tells_if_a_guest_was_still_there) {
  Watch watch{std::vector{Domain{.name = "a", .arguments = {}}}, {.shell = true}};
  watch.read({Writer::guest, 1, "enlighten: end verdict=success code=0 reason=\"done\""});
  EXPECT_FALSE(watch.over());
  watch.read(said("shell-ended"));
  EXPECT_TRUE(watch.over());
  EXPECT_FALSE(watch.left_early());
  Watch left{std::vector{Domain{.name = "a", .arguments = {}}}, {.shell = true}};
  left.read(said("shell-ended"));
  EXPECT_TRUE(left.left_early());
}

TEST(Dom0_console, tells_messages_from_each_guests_lines) {
  Dom0_console console{2};
  EXPECT_TRUE(console.feed(1, "hal").empty());
  const auto message = console.feed(0, "created 1\n");
  ASSERT_EQ(message.size(), 1U);
  EXPECT_EQ(message[0].writer, Writer::toolstack);
  const auto lines = console.feed(1, "f\n");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].writer, Writer::guest);
  EXPECT_EQ(lines[0].guest(), 0U);
  EXPECT_EQ(lines[0].text, "half");
  EXPECT_EQ(console.feed(2, "x\n").at(0).guest(), 1U);
}

// Packages as small as they can be and still make a dom0: every program an ELF file without libraries.
class Fake_packages {
 public:
  explicit Fake_packages(const std::filesystem::path& root) : root_{root} {
    for (const char* const program :
         {"xl", "xenstored", "xenconsoled", "xenconsole", "xentop", "xen-init-dom0", "xenstore-control"}) {
      write("xen-utils-4.17/usr/lib/xen-4.17/bin/" + std::string{program}, program);
    }
    write("xenstore-utils/usr/bin/xenstore", "xenstore");
    write("busybox-static/bin/busybox", "busybox");
    write("libgcc-s1/lib/aarch64-linux-gnu/libgcc_s.so.1", "unwinds");
    for (const char* const module :
         {"drivers/xen/xen-privcmd", "drivers/xen/xenfs/xenfs", "drivers/xen/xen-evtchn", "drivers/xen/xen-gntdev",
          "drivers/xen/xen-gntalloc", "drivers/virtio/virtio", "drivers/virtio/virtio_ring",
          "drivers/virtio/virtio_mmio", "drivers/char/virtio_console"}) {
      write("kernel/lib/modules/6.1/kernel/" + std::string{module} + ".ko", module);
    }
    packages.kernel = {.name = "linux-image-6.1", .version = "6.1.1", .folder = root_ / "kernel"};
    packages.kernel_release = "6.1";
    for (const char* const name : {"busybox-static", "libgcc-s1", "xen-utils-4.17", "xenstore-utils"}) {
      packages.tools.push_back({.name = name, .version = "1", .folder = root_ / name});
    }
  }

  Dom0_packages packages;

 private:
  // A header of ELF's with nothing behind it is enough for readelf.
  void write(const std::string& name, const std::string& contents) {
    const auto file = root_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::string bytes{
        "\x7f"
        "ELF\x02\x01\x01",
        7};
    bytes.resize(16, '\0');
    bytes += std::string{"\x03\0\xb7\0\x01\0\0\0", 8};
    bytes.resize(52, '\0');
    bytes += std::string{"\x40\0\0\0\0\0\x40\0\0\0\0\0", 12};
    std::ofstream{file, std::ios::binary} << bytes << contents;
  }

  std::filesystem::path root_;
};

TEST(Dom0_image, is_the_same_from_the_same_packages_wherever_and_whenever_they_were_unpacked) {
  const Scratch_folder one;
  const Scratch_folder other;
  const Fake_packages first{one.path()};
  const Fake_packages second{other.path()};
  std::filesystem::last_write_time(other.path() / "busybox-static/bin/busybox", {});
  std::filesystem::permissions(other.path() / "busybox-static/bin/busybox", std::filesystem::perms::owner_all);
  const std::string bytes = build_dom0_files(first.packages);
  EXPECT_EQ(bytes, build_dom0_files(second.packages));
  EXPECT_NE(bytes.find("usr/lib/xen-4.17/bin/xl"), std::string::npos);
  EXPECT_NE(bytes.find(std::string{dom0_init}), std::string::npos);
}

TEST(Dom0_image, is_named_after_what_it_was_made_of) {
  const Scratch_folder folder;
  Fake_packages fake{folder.path()};
  const std::string name = dom0_files_name(fake.packages);
  EXPECT_TRUE(name.starts_with("linux-6.1_xen-utils-4.17_1_")) << name;
  fake.packages.tools[1].version = "2";
  EXPECT_NE(dom0_files_name(fake.packages), name);
}

TEST(Dom0_image, says_which_file_is_missing) {
  const Scratch_folder folder;
  const Fake_packages fake{folder.path()};
  std::filesystem::remove(folder.path() / "xen-utils-4.17/usr/lib/xen-4.17/bin/xenconsoled");
  try {
    static_cast<void>(build_dom0_files(fake.packages));
    FAIL() << "built without xenconsoled";
  } catch (const Failure& failure) {
    EXPECT_NE(std::string{failure.what()}.find("usr/lib/xen-4.17/bin/xenconsoled"), std::string::npos)
        << failure.what();
  }
}

TEST(Dom0_kernel, is_the_latest_by_number_and_not_by_letter) {
  EXPECT_EQ(latest_kernel({"linux-image-6.1.0-9-cloud-arm64", "linux-image-6.1.0-50-cloud-arm64",
                           "linux-image-6.1.0-51-arm64", "xen-utils-4.17"}),
            "linux-image-6.1.0-50-cloud-arm64");
  EXPECT_EQ(latest_kernel({"linux-image-6.1.0-99-cloud-arm64", "linux-image-6.12.0-1-cloud-arm64"}),
            "linux-image-6.12.0-1-cloud-arm64");
  EXPECT_EQ(latest_kernel({}), "");
}

}  // namespace
}  // namespace enlighten::runner
