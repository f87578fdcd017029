// SPDX-License-Identifier: MIT
// Tests of the command lines given to QEMU and of where it puts an image.
#include <runner/qemu.hpp>

#include <vector>

#include <gmock/gmock.h>

namespace enlighten::runner {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

Guest_image image(std::uint64_t text_offset, std::uint64_t image_size) {
  return {.path = "/images/guest.img",
          .file_size = 1000,
          .header = {.text_offset = text_offset, .image_size = image_size, .flags = 0},
          .symbols = {}};
}

TEST(Load_address, is_the_domains_memory_under_xen) {
  EXPECT_EQ(load_address(image(0, 0x10000), Beneath::xen), 0x4000'0000U);
  EXPECT_EQ(load_address(image(0x8'0000, 0x10000), Beneath::xen), 0x4008'0000U);
}

TEST(Load_address, leaves_room_for_qemus_own_code_without_xen) {
  EXPECT_EQ(load_address(image(0, 0x10000), Beneath::nothing), 0x4020'0000U);
  EXPECT_EQ(load_address(image(0x8'0000, 0x10000), Beneath::nothing), 0x4008'0000U);
  EXPECT_EQ(load_address(image(0, 0), Beneath::nothing), 0x4008'0000U);
}

TEST(Qemu_command, has_a_hypervisor_mode_for_xen_only) {
  const Machine machine{.beneath = Beneath::xen, .gic = Gic::v2, .cpus = 3, .memory_mib = 1024};
  const std::vector<Module> modules{{.file = "/images/guest.img", .address = 0x4900'0000, .bytes = 1000},
                                    {.file = "/images/other.img", .address = 0x4920'0000, .bytes = 1000}};
  EXPECT_THAT(xen_command(machine, "/xen", "/tree.dtb", modules, {}).text(),
              AllOf(HasSubstr("gic-version=2,virtualization=on"), HasSubstr("-smp 3"), HasSubstr("-kernel /xen"),
                    HasSubstr("-dtb /tree.dtb"), HasSubstr("file=/images/guest.img,addr=0x49000000"),
                    HasSubstr("file=/images/other.img,addr=0x49200000")));
  const Machine bare{.beneath = Beneath::nothing, .gic = Gic::v3, .cpus = 33, .memory_mib = 128};
  EXPECT_THAT(bare_command(bare, image(0, 0), "events=2l", {}).text(),
              AllOf(Not(HasSubstr("virtualization")), HasSubstr("-smp 33"), HasSubstr("-append events=2l")));
}

TEST(Qemu_command, never_reboots) {
  EXPECT_THAT(bare_command({}, image(0, 0), "", {}).words, Contains("-no-reboot"));
}

TEST(Qemu_command, waits_for_a_debugger_on_this_host_only) {
  EXPECT_THAT(bare_command({}, image(0, 0), "", Debugger{1234}).text(), HasSubstr("-S -gdb tcp:127.0.0.1:1234"));
  EXPECT_THAT(bare_command({}, image(0, 0), "", {}).words, Not(Contains("-S")));
}

TEST(Qemu_command, keeps_a_comma_in_a_file_name) {
  const std::vector<Module> odd{{.file = "/images/a,b.img", .address = 0x4900'0000, .bytes = 1000}};
  EXPECT_THAT(xen_command({}, "/xen", "/tree.dtb", odd, {}).text(), HasSubstr("file=/images/a,,b.img,addr"));
}

}  // namespace
}  // namespace enlighten::runner
