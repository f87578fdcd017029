// SPDX-License-Identifier: MIT
// Tests of device trees: made, written, read back.
#include <runner/machine_tree.hpp>

#include <array>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <libfdt.h>

#include <runner/failure.hpp>

#include "test_support/scratch_folder.hpp"

namespace enlighten::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;
using testing::ThrowsMessage;

std::vector<std::byte> empty_blob() {
  std::vector<std::byte> blob(4096);
  EXPECT_EQ(fdt_create_empty_tree(blob.data(), static_cast<int>(blob.size())), 0);
  return blob;
}

Device_tree virt_like() {
  Device_tree tree{empty_blob()};
  tree.add_node("/pl011@9000000");
  return tree;
}

Device_tree written_and_read(Device_tree& tree) {
  const Scratch_folder folder;
  const auto file = folder.path() / "machine.dtb";
  tree.write(file);
  return Device_tree::read(file);
}

TEST(Device_tree, comes_back_as_it_was_written) {
  Device_tree tree{empty_blob()};
  tree.add_node("/a/b@1000");
  tree.set_text("/a", "name-of", "something");
  tree.set_texts("/a/b@1000", "compatible", {"first", "second"});
  tree.set_cells("/a/b@1000", "reg", {0, 0x49000000, 0, 1624});
  tree.set_flag("/a", "present");
  const Device_tree back = written_and_read(tree);
  EXPECT_THAT(back.children("/a"), ElementsAre("b@1000"));
  EXPECT_THAT(back.text("/a", "name-of"), Optional(std::string{"something"}));
  EXPECT_THAT(back.text("/a/b@1000", "compatible"), Optional(std::string{"first"}));
  EXPECT_THAT(back.cells("/a/b@1000", "reg"), Optional(ElementsAre(0, 0x49000000, 0, 1624)));
  EXPECT_THAT(back.cells("/a", "present"), Optional(ElementsAre()));
  EXPECT_FALSE(back.text("/a", "absent"));
  EXPECT_FALSE(back.has_node("/c"));
}

TEST(Device_tree, refuses_what_is_none) {
  EXPECT_THAT([] { Device_tree tree{std::vector<std::byte>(10)}; }, ThrowsMessage<Failure>(HasSubstr("too few")));
  EXPECT_THAT([] { Device_tree tree{std::vector<std::byte>(4096)}; },
              ThrowsMessage<Failure>(HasSubstr("BADMAGIC")));
}

TEST(Device_tree, refuses_a_truncated_one) {
  std::vector<std::byte> blob = empty_blob();
  blob.resize(sizeof(fdt_header) + 8);
  EXPECT_THROW(Device_tree{blob}, Failure);
}

TEST(Device_tree, names_the_node_that_is_not_there) {
  Device_tree tree{empty_blob()};
  EXPECT_THAT([&] { tree.set_text("/missing", "property", "text"); },
              ThrowsMessage<Failure>(AllOf(HasSubstr("/missing"), HasSubstr("NOTFOUND"))));
}

TEST(Domain_description, holds_what_was_asked_for) {
  Device_tree tree = virt_like();
  describe_domain(tree, 0, {.name = "smp", .vcpus = 17, .memory_mib = 6000, .arguments = "events=2l"},
                  {.file = {}, .address = first_module_address, .bytes = 0x1'2345'6789});
  const Device_tree back = written_and_read(tree);
  EXPECT_THAT(back.cells("/chosen/domU1", "cpus"), Optional(ElementsAre(17)));
  EXPECT_THAT(back.cells("/chosen/domU1", "memory"), Optional(ElementsAre(0, 6000 * 1024)));
  EXPECT_THAT(back.text("/chosen/domU1", "compatible"), Optional(std::string{"xen,domain"}));
  EXPECT_THAT(back.text("/chosen/domU1", "xen,enhanced"), Optional(std::string{"no-xenstore"}));
  EXPECT_THAT(back.text("/chosen/domU1/module@49000000", "bootargs"), Optional(std::string{"events=2l"}));
  EXPECT_THAT(back.cells("/chosen/domU1/module@49000000", "reg"),
              Optional(ElementsAre(0, 0x49000000, 0x1, 0x23456789)));
}

TEST(Domain_description, boots_xen_so_that_no_run_stalls_or_repeats) {
  Device_tree tree = virt_like();
  describe_xen(tree, "");
  const std::string line = tree.text("/chosen", "xen,xen-bootargs").value_or("");
  EXPECT_THAT(line, AllOf(HasSubstr("sched=credit"), HasSubstr("noreboot"), HasSubstr("dtuart=/pl011@9000000")));
  EXPECT_THAT(line, testing::Not(HasSubstr("sync_console")));
}

TEST(Domain_description, tells_xen_more_if_asked_to) {
  Device_tree tree = virt_like();
  describe_xen(tree, "xsm=dummy");
  EXPECT_THAT(tree.text("/chosen", "xen,xen-bootargs").value_or(""), testing::EndsWith(" xsm=dummy"));
}

TEST(Domain_description, puts_domains_in_order_that_are_added_from_the_last_to_the_first) {
  Device_tree tree = virt_like();
  describe_xen(tree, "");
  const Domain domain{.name = "guest", .vcpus = 1, .memory_mib = 128, .arguments = {}};
  describe_domain(tree, 1, domain, {.file = {}, .address = 0x49200000, .bytes = 1000});
  describe_domain(tree, 0, domain, {.file = {}, .address = 0x49000000, .bytes = 1000});
  EXPECT_THAT(written_and_read(tree).children("/chosen"), ElementsAre("domU1", "domU2"));
}

TEST(Channel_description, names_the_own_port_and_the_node_of_the_other_end) {
  Device_tree tree = virt_like();
  const Domain domain{.name = "guest", .vcpus = 1, .memory_mib = 128, .arguments = {}};
  describe_domain(tree, 1, domain, {.file = {}, .address = 0x49200000, .bytes = 1000});
  describe_domain(tree, 0, domain, {.file = {}, .address = 0x49000000, .bytes = 1000});
  describe_channels(tree, std::vector<Event_channel>{{.one = {0, 10}, .other = {1, 11}}});
  const Device_tree back = written_and_read(tree);
  EXPECT_THAT(back.text("/chosen/domU1/evtchn@10", "compatible"), Optional(std::string{"xen,evtchn-v1"}));
  const auto one = back.cells("/chosen/domU1/evtchn@10", "phandle").value_or(std::vector<std::uint32_t>{});
  const auto other = back.cells("/chosen/domU2/evtchn@11", "phandle").value_or(std::vector<std::uint32_t>{});
  ASSERT_THAT(one, testing::SizeIs(1));
  ASSERT_THAT(other, testing::SizeIs(1));
  EXPECT_NE(one, other);
  EXPECT_THAT(back.cells("/chosen/domU1/evtchn@10", "xen,evtchn"), Optional(ElementsAre(10, other.front())));
  EXPECT_THAT(back.cells("/chosen/domU2/evtchn@11", "xen,evtchn"), Optional(ElementsAre(11, one.front())));
}

TEST(Domain_description, says_when_the_machine_has_no_console_for_xen) {
  Device_tree tree{empty_blob()};
  EXPECT_THAT([&] { describe_xen(tree, ""); }, ThrowsMessage<Failure>(HasSubstr("/pl011@9000000")));
}

}  // namespace
}  // namespace enlighten::runner
