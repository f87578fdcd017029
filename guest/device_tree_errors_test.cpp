// SPDX-License-Identifier: MIT
// Device_tree on trees that are wrong in one place: the error names node and property, what was found, what was
// expected.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <guest/device_tree.hpp>

#include "test/tree_file.hpp"

namespace enlighten::guest {
namespace {

using test::Exact_copy;
using test::Tree_file;

constexpr const char* gic = "/interrupt-controller@3001000";

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().text();
}

// What the first step that fails says.
template <typename Walk>
std::string error_in(Walk walk) {
  for (;;) {
    const auto step = walk.next();
    if (!step) {
      EXPECT_EQ(step.error().kind(), Error_kind::description);
      return step.error().text();
    }
    if (!*step) {
      return "no error";
    }
  }
}

std::string error_of_opening(std::vector<std::byte> bytes) {
  return error_of(Exact_copy{bytes}.open());
}

// The tree with the big-endian number at `offset` of its header replaced.
std::vector<std::byte> with_header(std::size_t offset, std::uint32_t value) {
  std::vector<std::byte> bytes = Tree_file{"xen-gicv2"}.packed();
  for (std::size_t index = 0; index < 4; ++index) {
    bytes[offset + index] = static_cast<std::byte>(value >> (24 - 8 * index));
  }
  return bytes;
}

TEST(Device_tree_open, names_what_is_wrong_with_the_header) {
  EXPECT_EQ(error_of(Device_tree::open(nullptr, 4096)),
            "device tree: passed at (nil), expected an address that is a multiple of 8");
  EXPECT_EQ(error_of_opening(std::vector<std::byte>(39)),
            "device tree: room for 39 bytes, expected at least a header's 40");
  EXPECT_EQ(error_of_opening(with_header(0, 0xdeadbeef)),
            "device tree: begins with 0xdeadbeef, expected 0xd00dfeed");
  const std::size_t size = Tree_file{"xen-gicv2"}.packed().size();
  EXPECT_EQ(error_of_opening(with_header(4, 0x7fffffff)),
            "device tree: has 2147483647 bytes, expected at most " + std::to_string(size));
  EXPECT_EQ(error_of_opening(with_header(20, 3)), "device tree: has version 3, expected 16 or later");
}

TEST(Device_tree_open, refuses_an_address_that_is_not_aligned) {
  std::vector<std::byte> bytes(4);
  const std::vector<std::byte> tree = Tree_file{"xen-gicv2"}.packed();
  bytes.insert(bytes.end(), tree.begin(), tree.end());
  const Exact_copy copy{bytes};
  const auto result = Device_tree::open(static_cast<const std::byte*>(copy.data()) + 4, tree.size());
  EXPECT_NE(error_of(result).find("expected an address that is a multiple of 8"), std::string::npos);
}

TEST(Device_tree_open, refuses_a_structure_that_ends_early) {
  EXPECT_EQ(error_of_opening(with_header(36, 0x20)),
            "device tree: nodes and properties do not fit together (libfdt's error 11)");
}

TEST(Device_tree_open, refuses_a_tree_of_nothing) {
  // A header, no reservations, and a structure block that has an end and no root.
  const std::uint32_t words[] = {0xd00dfeed, 60, 56, 60, 40, 17, 16, 0, 0, 4, 0, 0, 0, 0, 9};
  std::vector<std::byte> bytes;
  for (const std::uint32_t word : words) {
    for (unsigned shift = 32; shift != 0; shift -= 8) {
      bytes.push_back(static_cast<std::byte>(word >> (shift - 8)));
    }
  }
  EXPECT_EQ(error_of_opening(bytes), "device tree: nodes and properties do not fit together (libfdt's error 4)");
}

TEST(Device_tree_errors, name_a_cpu_whose_affinity_is_wrong) {
  Tree_file file{"xen-gicv2"};
  file.bytes("/cpus/cpu@3", "reg", "abc");
  EXPECT_EQ(error_in(file.tree().cpus()), "device tree: /cpus/cpu@3: property \"reg\" has 3 bytes, expected 4");
  file.remove("/cpus/cpu@3", "reg");
  EXPECT_EQ(error_in(file.tree().cpus()), "device tree: /cpus/cpu@3: property \"reg\" has 0 bytes, expected 4");
  file.cells("/cpus/cpu@3", "reg", {0x80000003});
  EXPECT_EQ(error_in(file.tree().cpus()),
            "device tree: /cpus/cpu@3: property \"reg\" is 0x80000003, expected affinity bits of an MPIDR only");
  file.cells("/cpus", "#address-cells", {3});
  EXPECT_EQ(error_in(file.tree().cpus()), "device tree: /cpus: property \"#address-cells\" is 3, expected 1 or 2");
  file.remove_node("/cpus");
  EXPECT_EQ(error_in(file.tree().cpus()), "device tree: no node /cpus");
}

TEST(Device_tree_errors, name_an_enable_method_without_an_end) {
  Tree_file file{"xen-gicv2"};
  file.bytes("/cpus/cpu@1", "enable-method", "psci");
  EXPECT_EQ(error_in(file.tree().cpus()),
            "device tree: /cpus/cpu@1: property \"enable-method\" has 4 bytes, expected a 0 at the end");
}

TEST(Device_tree_errors, name_memory_that_is_wrong) {
  Tree_file file{"xen-gicv2"};
  file.cells("/memory@40000000", "reg", {0, 0x40000000, 0});
  EXPECT_EQ(error_in(file.tree().memory()),
            "device tree: /memory@40000000: property \"reg\" has 12 bytes, expected a multiple of 16");
  file.cells("/memory@40000000", "reg", {0xffffffff, 0xfffff000, 0, 0x2000});
  EXPECT_EQ(error_in(file.tree().memory()),
            "device tree: /memory@40000000: property \"reg\" has 0x2000 bytes at 0xfffffffffffff000, beyond the "
            "last address");
  file.cells("/", "#size-cells", {3});
  EXPECT_EQ(error_in(file.tree().memory()), "device tree: /: property \"#size-cells\" is 3, expected 0 to 2");
  file.bytes("/", "#size-cells", "");
  EXPECT_EQ(error_in(file.tree().memory()), "device tree: /: property \"#size-cells\" has 0 bytes, expected 4");
}

TEST(Device_tree_errors, end_a_walk) {
  Tree_file file{"xen-gicv2"};
  file.cells("/memory@40000000", "reg", {0}).cells("/cpus/cpu@0", "reg", {0, 0});
  const Device_tree tree = file.tree();
  Range_walk banks = tree.memory();
  EXPECT_FALSE(banks.next());
  EXPECT_FALSE(banks.next().value());
  Cpu_walk cpus = tree.cpus();
  EXPECT_FALSE(cpus.next());
  EXPECT_FALSE(cpus.next().value());
}

TEST(Device_tree_errors, name_a_reservation_that_is_wrong) {
  Tree_file file{"xen-gicv2"};
  file.reserve(0xfffffffffffff000, 0x2000);
  EXPECT_EQ(error_in(file.tree().reserved()),
            "device tree: header reserves 0x2000 bytes at 0xfffffffffffff000, beyond the last address");
}

TEST(Device_tree_errors, name_reserved_memory_without_ranges) {
  Tree_file file{"xen-gicv2"};
  file.add("/", "reserved-memory")
      .cells("/reserved-memory", "#address-cells", {1})
      .cells("/reserved-memory", "#size-cells", {1})
      .add("/reserved-memory", "log")
      .cells("/reserved-memory/log", "reg", {0x43000000, 0x1000});
  EXPECT_EQ(error_in(file.tree().reserved()),
            "device tree: /reserved-memory: property \"ranges\" has no place for 0x1000 bytes at 0x43000000");
}

TEST(Device_tree_errors, name_psci_that_is_wrong) {
  Tree_file file{"xen-gicv2"};
  file.text("/psci", "method", "s\033c");
  EXPECT_EQ(error_of(file.tree().psci()),
            "device tree: /psci: property \"method\" is \"s?c\", expected \"hvc\" or \"smc\"");
  file.remove("/psci", "method");
  EXPECT_EQ(error_of(file.tree().psci()),
            "device tree: /psci: property \"method\" is \"\", expected \"hvc\" or \"smc\"");
  file.text("/psci", "method", "hvc").text("/psci", "compatible", "arm,psci").remove("/psci", "cpu_on");
  EXPECT_EQ(error_of(file.tree().psci()), "device tree: /psci: property \"cpu_on\" is missing");
  file.bytes("/psci", "cpu_off", "12345678");
  EXPECT_EQ(error_of(file.tree().psci()), "device tree: /psci: property \"cpu_off\" has 8 bytes, expected 4");
}

TEST(Device_tree_errors, name_a_gic_that_is_wrong) {
  Tree_file v2{"xen-gicv2"};
  v2.cells(gic, "reg", {0, 0x3001000, 0, 0x1000});
  EXPECT_EQ(error_of(v2.tree().gic()),
            "device tree: /interrupt-controller@3001000: property \"reg\" ends before range 1, expected the CPU "
            "interface");
  v2.remove(gic, "reg");
  EXPECT_EQ(
      error_of(v2.tree().gic()),
      "device tree: /interrupt-controller@3001000: property \"reg\" ends before range 0, expected the distributor");
  v2.text(gic, "status", "disabled");
  EXPECT_EQ(error_of(v2.tree().gic()), "device tree: no GIC of version 2 or 3");
  EXPECT_EQ(error_of(v2.tree().timer()), "device tree: no GIC of version 2 or 3");

  Tree_file v3{"xen-gicv3-28"};
  v3.cells(gic, "#redistributor-regions", {2});
  EXPECT_EQ(error_of(v3.tree().gic()),
            "device tree: /interrupt-controller@3001000: property \"reg\" ends before range 2, expected a "
            "redistributor region");
  v3.cells(gic, "#redistributor-regions", {0});
  EXPECT_EQ(
      error_of(v3.tree().gic()),
      "device tree: /interrupt-controller@3001000: property \"#redistributor-regions\" is 0, expected at least 1");
  v3.cells(gic, "#redistributor-regions", {0xffffffff});
  EXPECT_EQ(error_of(v3.tree().gic()),
            "device tree: /interrupt-controller@3001000: property \"reg\" ends before range 4294967295, expected a "
            "redistributor region");
  v3.remove(gic, "#redistributor-regions").bytes(gic, "redistributor-stride", "123");
  EXPECT_EQ(
      error_of(v3.tree().gic()),
      "device tree: /interrupt-controller@3001000: property \"redistributor-stride\" has 3 bytes, expected 4 or 8");
}

TEST(Device_tree_errors, name_an_interrupt_that_is_wrong) {
  Tree_file file{"xen-gicv2"};
  file.cells("/timer", "interrupts", {1, 13, 8, 1, 14, 8});
  EXPECT_EQ(error_of(file.tree().timer()),
            "device tree: /timer: property \"interrupts\" has 24 bytes, expected at least 36");
  file.remove("/timer", "interrupts");
  EXPECT_EQ(error_of(file.tree().timer()),
            "device tree: /timer: property \"interrupts\" has 0 bytes, expected at least 36");
  file.cells("/hypervisor", "interrupts", {1, 16, 8});
  EXPECT_EQ(
      error_of(file.tree().hypervisor()),
      "device tree: /hypervisor: property \"interrupts\" has type 1 number 16, expected an SPI (0) or a PPI (1)");
  file.cells("/hypervisor", "interrupts", {0, 988, 8});
  EXPECT_EQ(
      error_of(file.tree().hypervisor()),
      "device tree: /hypervisor: property \"interrupts\" has type 0 number 988, expected an SPI (0) or a PPI (1)");
  file.cells("/hypervisor", "interrupts", {2, 0, 8});
  EXPECT_EQ(
      error_of(file.tree().hypervisor()),
      "device tree: /hypervisor: property \"interrupts\" has type 2 number 0, expected an SPI (0) or a PPI (1)");
  file.cells("/hypervisor", "interrupts", {1, 15, 0xf0c});
  EXPECT_EQ(error_of(file.tree().hypervisor()),
            "device tree: /hypervisor: property \"interrupts\" has flags 0xf0c, expected 1, 2, 4 or 8 in the low "
            "four bits");
  file.cells(gic, "#interrupt-cells", {2});
  EXPECT_EQ(error_of(file.tree().hypervisor()),
            "device tree: /interrupt-controller@3001000: property \"#interrupt-cells\" is 2, expected 3 or 4");
}

TEST(Device_tree_errors, name_a_missing_timer) {
  Tree_file file{"xen-gicv2"};
  file.remove_node("/timer");
  EXPECT_EQ(error_of(file.tree().timer()), "device tree: no Arm generic timer");
}

TEST(Device_tree_errors, name_a_hypervisor_node_that_is_wrong) {
  Tree_file file{"xen-gicv2"};
  file.remove("/hypervisor", "reg");
  EXPECT_EQ(error_of(file.tree().hypervisor()),
            "device tree: /hypervisor: property \"reg\" ends before range 0, expected the grant region");
  file.cells("/hypervisor", "reg", {1, 2, 3, 4, 5});
  EXPECT_EQ(error_of(file.tree().hypervisor()),
            "device tree: /hypervisor: property \"reg\" has 20 bytes, expected a multiple of 16");
  EXPECT_EQ(error_in(file.tree().extended_regions()),
            "device tree: /hypervisor: property \"reg\" has 20 bytes, expected a multiple of 16");
  file.text("/hypervisor", "compatible", "xen,xen");
  EXPECT_EQ(error_of(file.tree().hypervisor()),
            "device tree: /hypervisor: property \"compatible\" begins with \"xen,xen\", expected \"xen,xen-\" and "
            "a version");
}

TEST(Device_tree_errors, name_what_is_chosen_wrong) {
  Tree_file file{"xen-vuart-initrd"};
  file.cells("/chosen", "linux,initrd-end", {0, 0x47dfffff});
  EXPECT_EQ(error_of(file.tree().chosen()),
            "device tree: /chosen: property \"linux,initrd-end\" is 0x47dfffff, expected at least 0x47e00000");
  file.cells("/chosen", "linux,initrd-end", {0, 0, 0});
  EXPECT_EQ(error_of(file.tree().chosen()),
            "device tree: /chosen: property \"linux,initrd-end\" has 12 bytes, expected 4 or 8");
  file.cells("/chosen", "linux,initrd-end", {0x48000000}).remove("/chosen", "linux,initrd-start");
  EXPECT_EQ(error_of(file.tree().chosen()),
            "device tree: /chosen: property \"linux,initrd-start\" is missing or 0");
  file.remove("/chosen", "linux,initrd-end").bytes("/chosen", "bootargs", "abc");
  EXPECT_EQ(error_of(file.tree().chosen()),
            "device tree: /chosen: property \"bootargs\" has 3 bytes, expected a 0 at the end");
  file.text("/chosen", "bootargs", "").text("/chosen", "stdout-path", "/uart@1:9600");
  EXPECT_EQ(error_of(file.tree().uart()),
            "device tree: /chosen: property \"stdout-path\" is \"/uart@1\", expected a node in use");
}

TEST(Device_tree_errors, name_a_uart_without_registers) {
  Tree_file file{"xen-vuart-initrd"};
  file.remove("/sbsa-uart@22000000", "reg");
  EXPECT_EQ(error_of(file.tree().uart()),
            "device tree: /sbsa-uart@22000000: property \"reg\" ends before range 0, expected the registers");
}

TEST(Device_tree_errors, name_a_bus_an_address_does_not_fit_through) {
  Tree_file file{"xen-vuart-initrd"};
  file.remove_node("/sbsa-uart@22000000")
      .add("/", "bus")
      .cells("/bus", "#address-cells", {2})
      .cells("/bus", "#size-cells", {2})
      .cells("/bus", "ranges", {0, 0x1000, 0xffffffff, 0xfffff000, 0, 0x2000})
      .add("/bus", "serial")
      .text("/bus/serial", "compatible", "arm,pl011");
  const auto error_at = [&file](std::uint32_t base, std::uint32_t size) {
    file.cells("/bus/serial", "reg", {0, base, 0, size});
    return error_of(file.tree().uart());
  };
  EXPECT_EQ(error_at(0x1000, 0xfff), "no error");
  EXPECT_EQ(error_at(0x2000, 0x10), "device tree: /bus: property \"ranges\" has no place for 0x10 bytes at 0x2000");
  EXPECT_EQ(error_at(0xfff, 0x10), "device tree: /bus: property \"ranges\" has no place for 0x10 bytes at 0xfff");
  EXPECT_EQ(error_at(0x3000, 0x10), "device tree: /bus: property \"ranges\" has no place for 0x10 bytes at 0x3000");
  file.cells("/bus", "ranges", {0, 0x1000, 0, 0x5000, 0, 0x2000});
  EXPECT_EQ(error_at(0x1800, 0x1800), "no error");
  EXPECT_EQ(error_at(0x1800, 0x1801),
            "device tree: /bus: property \"ranges\" has no place for 0x1801 bytes at 0x1800");
}

TEST(Device_tree_errors, name_a_bus_whose_ranges_run_past_the_last_address) {
  Tree_file file{"xen-vuart-initrd"};
  file.remove_node("/sbsa-uart@22000000")
      .add("/", "bus")
      .cells("/bus", "#address-cells", {2})
      .cells("/bus", "#size-cells", {2})
      .cells("/bus", "ranges", {0, 0x8000, 0, 0, 0xffffffff, 0xffffffff})
      .add("/bus", "serial")
      .text("/bus/serial", "compatible", "arm,pl011")
      .cells("/bus/serial", "reg", {0, 0x1000, 0, 0x10});
  EXPECT_EQ(error_of(file.tree().uart()),
            "device tree: /bus: property \"ranges\" has no place for 0x10 bytes at 0x1000");
}

TEST(Device_tree_errors, cut_a_path_that_is_too_long_but_name_the_node) {
  Tree_file file{"xen-vuart-initrd"};
  file.remove_node("/sbsa-uart@22000000").add("/", "a-bus-with-quite-a-long-name-for-a-bus");
  const std::string bus = "/a-bus-with-quite-a-long-name-for-a-bus";
  file.add(bus.c_str(), "another-bus-that-is-named-just-as-long");
  const std::string inner = bus + "/another-bus-that-is-named-just-as-long";
  file.add(inner.c_str(), "serial").text((inner + "/serial").c_str(), "compatible", "arm,pl011");
  EXPECT_EQ(error_of(file.tree().uart()),
            "device tree: ...serial: property \"reg\" ends before range 0, expected the registers");
}

}  // namespace
}  // namespace enlighten::guest
