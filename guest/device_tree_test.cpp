// SPDX-License-Identifier: MIT
// Device_tree on the trees that QEMU and Xen pass: what is in them is what is read.
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <guest/boot_arguments.hpp>
#include <guest/device_tree.hpp>

#include "test/tree_file.hpp"

namespace enlighten::guest {
namespace {

using test::Tree_file;

std::vector<Memory_range> all(Range_walk walk) {
  std::vector<Memory_range> found;
  while (const auto range = walk.next().value()) {
    found.push_back(*range);
  }
  return found;
}

std::vector<Cpu_node> all(Cpu_walk walk) {
  std::vector<Cpu_node> found;
  while (const auto cpu = walk.next().value()) {
    found.push_back(*cpu);
  }
  return found;
}

using Ranges = std::vector<Memory_range>;

TEST(Device_tree, reads_all_that_xen_tells_a_guest_on_gicv2) {
  Tree_file file{"xen-gicv2"};
  const Device_tree tree = file.tree();

  EXPECT_EQ(all(tree.memory()), (Ranges{{0x40000000, 0x8000000}}));
  EXPECT_EQ(all(tree.reserved()), Ranges{});
  const std::vector<Cpu_node> cpus = all(tree.cpus());
  ASSERT_EQ(cpus.size(), 4U);
  EXPECT_EQ(cpus[3], (Cpu_node{Mpidr{3}, Enable_method::psci}));

  const auto psci = tree.psci().value().value();
  EXPECT_EQ(psci.conduit, Psci_conduit::hvc);
  EXPECT_EQ(psci.version, Psci_version::v1_0);
  EXPECT_FALSE(psci.functions);

  const Gic_description gic = tree.gic().value();
  EXPECT_EQ(gic.version, Gic_version::v2);
  EXPECT_EQ(gic.distributor, (Memory_range{0x3001000, 0x1000}));
  EXPECT_EQ(gic.cpu_interface, (Memory_range{0x3002000, 0x2000}));
  EXPECT_EQ(all(tree.redistributors()), Ranges{});

  const Timer_description timer = tree.timer().value();
  EXPECT_EQ(timer.virtual_timer, (Interrupt_line{Interrupt{27}, Trigger::low_level}));
  EXPECT_FALSE(timer.frequency);

  const auto xen = tree.hypervisor().value().value();
  EXPECT_EQ(xen.version, "4.17");
  EXPECT_EQ(xen.grant_region, (Memory_range{0x38000000, 0x1000000}));
  EXPECT_EQ(xen.upcall, (Interrupt_line{Interrupt{31}, Trigger::low_level}));
  EXPECT_EQ(xen.extended_regions, 2U);
  EXPECT_EQ(all(tree.extended_regions()), (Ranges{{0x48000000, 0xb8000000}, {0x200000000, 0xfe00000000}}));

  const Chosen chosen = tree.chosen().value();
  EXPECT_EQ(chosen.bootargs, "events=2l console=xen");
  EXPECT_EQ(chosen.stdout_path, "");
  EXPECT_FALSE(chosen.initrd);
  EXPECT_FALSE(tree.uart().value());
}

TEST(Device_tree, reads_gicv3_and_two_clusters_from_xen) {
  Tree_file file{"xen-gicv3-28"};
  const Device_tree tree = file.tree();
  const Gic_description gic = tree.gic().value();
  EXPECT_EQ(gic.version, Gic_version::v3);
  EXPECT_EQ(gic.distributor, (Memory_range{0x3001000, 0x10000}));
  EXPECT_EQ(gic.cpu_interface, Memory_range{});
  EXPECT_EQ(gic.redistributor_regions, 1U);
  EXPECT_EQ(gic.redistributor_stride, 0U);
  EXPECT_EQ(all(tree.redistributors()), (Ranges{{0x3020000, 0x1000000}}));
  const std::vector<Cpu_node> cpus = all(tree.cpus());
  ASSERT_EQ(cpus.size(), 28U);
  EXPECT_EQ(cpus[15].mpidr, Mpidr{0xf});
  EXPECT_EQ(cpus[16].mpidr, Mpidr{0x100});
  EXPECT_EQ(cpus[27].mpidr, Mpidr{0x10b});
}

TEST(Device_tree, finds_xens_virtual_uart_without_a_stdout_path_and_the_initrd) {
  Tree_file file{"xen-vuart-initrd"};
  const Device_tree tree = file.tree();
  const auto uart = tree.uart().value().value();
  EXPECT_EQ(uart.kind, Uart_kind::sbsa);
  EXPECT_EQ(uart.registers, (Memory_range{0x22000000, 0x1000}));
  EXPECT_EQ(tree.chosen().value().initrd, (Memory_range{0x47e00000, 0x1234}));
}

TEST(Device_tree, says_that_a_tree_without_hypervisor_has_none) {
  for (const char* name : {"xen-no-hypervisor", "qemu-gicv3-hvc"}) {
    Tree_file file{name};
    const Device_tree tree = file.tree();
    EXPECT_FALSE(tree.hypervisor().value().has_value());
    EXPECT_EQ(all(tree.extended_regions()), Ranges{});
  }
}

TEST(Device_tree, takes_no_other_hypervisor_for_xen) {
  Tree_file file{"xen-gicv2"};
  file.text("/hypervisor", "compatible", "linux,kvm");
  EXPECT_FALSE(file.tree().hypervisor().value().has_value());
}

TEST(Device_tree, reads_qemus_machine_without_xen) {
  Tree_file file{"qemu-gicv2-hvc"};
  const Device_tree tree = file.tree();
  EXPECT_EQ(all(tree.memory()), (Ranges{{0x40000000, 0x10000000}}));
  EXPECT_EQ(all(tree.cpus()).size(), 8U);
  EXPECT_EQ(tree.psci().value().value().conduit, Psci_conduit::hvc);
  const Gic_description gic = tree.gic().value();
  EXPECT_EQ(gic.version, Gic_version::v2);
  EXPECT_EQ(gic.distributor, (Memory_range{0x8000000, 0x10000}));
  EXPECT_EQ(gic.cpu_interface, (Memory_range{0x8010000, 0x10000}));
  EXPECT_EQ(tree.timer().value().virtual_timer, (Interrupt_line{Interrupt{27}, Trigger::high_level}));
  EXPECT_EQ(tree.chosen().value().stdout_path, "/pl011@9000000");
  const auto uart = tree.uart().value().value();
  EXPECT_EQ(uart.kind, Uart_kind::pl011);
  EXPECT_EQ(uart.registers, (Memory_range{0x9000000, 0x1000}));
}

TEST(Device_tree, reads_the_conduit_smc_where_qemu_leaves_el2_to_the_guest) {
  for (const char* name : {"qemu-gicv2-smc", "qemu-gicv3-smc"}) {
    Tree_file file{name};
    EXPECT_EQ(file.tree().psci().value().value().conduit, Psci_conduit::smc);
  }
}

TEST(Device_tree, walks_two_redistributor_regions_and_130_cpus) {
  Tree_file file{"qemu-gicv3-130"};
  const Device_tree tree = file.tree();
  EXPECT_EQ(tree.gic().value().redistributor_regions, 2U);
  EXPECT_EQ(all(tree.redistributors()), (Ranges{{0x80a0000, 0xf60000}, {0x4000000000, 0x4000000}}));
  const std::vector<Cpu_node> cpus = all(tree.cpus());
  ASSERT_EQ(cpus.size(), 130U);
  EXPECT_EQ(cpus[129].mpidr, Mpidr{0x801});
}

TEST(Device_tree, occupies_what_its_header_says) {
  Tree_file file{"xen-gicv2"};
  EXPECT_EQ(file.tree().bytes().size(), file.packed().size());
}

TEST(Device_tree, reads_affinities_of_two_cells) {
  Tree_file file{"xen-gicv2"};
  file.cells("/cpus", "#address-cells", {2});
  for (const char* cpu : {"/cpus/cpu@0", "/cpus/cpu@1", "/cpus/cpu@2", "/cpus/cpu@3"}) {
    file.cells(cpu, "reg", {0x1, 0x20304});
  }
  EXPECT_EQ(all(file.tree().cpus())[0].mpidr, Mpidr{0x1'0002'0304});
}

TEST(Device_tree, passes_over_what_is_not_in_use) {
  Tree_file file{"xen-vuart-initrd"};
  file.text("/cpus/cpu@0", "status", "disabled")
      .text("/cpus/cpu@1", "status", "ok")
      .text("/sbsa-uart@22000000", "status", "disabled")
      .text("/hypervisor", "status", "fail")
      .text("/psci", "status", "disabled")
      .text("/memory@40000000", "status", "reserved");
  const Device_tree tree = file.tree();
  EXPECT_EQ(all(tree.cpus()), (std::vector<Cpu_node>{{Mpidr{1}, Enable_method::psci}}));
  EXPECT_FALSE(tree.uart().value());
  EXPECT_FALSE(tree.hypervisor().value());
  EXPECT_FALSE(tree.psci().value());
  EXPECT_EQ(all(tree.memory()), Ranges{});
}

TEST(Device_tree, passes_over_a_device_on_a_bus_that_is_not_in_use) {
  Tree_file file{"xen-gicv2"};
  file.add("/", "bus")
      .text("/bus", "status", "disabled")
      .add("/bus", "serial")
      .text("/bus/serial", "compatible", "arm,pl011");
  EXPECT_FALSE(file.tree().uart().value());
}

TEST(Device_tree, passes_over_children_of_cpus_that_are_no_cpus) {
  Tree_file file{"qemu-gicv3-smc"};  // with a cpu-map
  EXPECT_EQ(all(file.tree().cpus()).size(), 4U);
}

TEST(Device_tree, walks_several_banks_in_several_nodes) {
  Tree_file file{"xen-gicv2"};
  file.cells("/memory@40000000", "reg", {0, 0x40000000, 0, 0x1000, 0, 0x50000000, 0, 0, 2, 0, 1, 0})
      .add("/", "memory@900000000")
      .text("/memory@900000000", "device_type", "memory")
      .cells("/memory@900000000", "reg", {9, 0, 0, 0x2000});
  // New nodes come first.
  EXPECT_EQ(all(file.tree().memory()),
            (Ranges{{0x900000000, 0x2000}, {0x40000000, 0x1000}, {0x200000000, 0x100000000}}));
}

TEST(Device_tree, walks_the_headers_reservations_and_then_the_nodes) {
  Tree_file file{"xen-gicv2"};
  file.reserve(0x41000000, 0x1000)
      .reserve(0x42000000, 0x2000)
      .add("/", "reserved-memory")
      .cells("/reserved-memory", "#address-cells", {2})
      .cells("/reserved-memory", "#size-cells", {1})
      .bytes("/reserved-memory", "ranges", "")
      .add("/reserved-memory", "anywhere")  // has a size and no place yet
      .cells("/reserved-memory/anywhere", "size", {0x1000})
      .add("/reserved-memory", "xen-shmem@43000000")
      .cells("/reserved-memory/xen-shmem@43000000", "reg", {0, 0x43000000, 0x3000, 1, 0, 0x4000});
  EXPECT_EQ(all(file.tree().reserved()),
            (Ranges{{0x41000000, 0x1000}, {0x42000000, 0x2000}, {0x43000000, 0x3000}, {0x100000000, 0x4000}}));
}

TEST(Device_tree, translates_addresses_through_each_bus) {
  Tree_file file{"xen-gicv2"};
  file.add("/", "soc")
      .cells("/soc", "#address-cells", {1})
      .cells("/soc", "#size-cells", {1})
      .cells("/soc", "ranges", {0x0, 0x0, 0x70000000, 0x1000, 0x10000, 0x1, 0x20000000, 0x100000})
      .add("/soc", "apb")
      .cells("/soc/apb", "#address-cells", {2})
      .cells("/soc/apb", "#size-cells", {2})
      .cells("/soc/apb", "ranges", {5, 0, 0x20000, 0, 0x10000})
      .add("/soc/apb", "serial")
      .text("/soc/apb/serial", "compatible", "arm,pl011")
      .cells("/soc/apb/serial", "reg", {5, 0x3000, 0, 0x1000});
  EXPECT_EQ(file.tree().uart().value().value().registers, (Memory_range{0x1'2001'3000, 0x1000}));
}

TEST(Device_tree, takes_two_cells_for_an_address_and_one_for_a_size_where_a_bus_does_not_say) {
  Tree_file file{"xen-gicv2"};
  file.add("/", "bus")
      .bytes("/bus", "ranges", "")
      .add("/bus", "serial")
      .text("/bus/serial", "compatible", "arm,pl011")
      .cells("/bus/serial", "reg", {1, 0x1000, 0x200});
  EXPECT_EQ(file.tree().uart().value().value().registers, (Memory_range{0x1'0000'1000, 0x200}));
}

TEST(Device_tree, follows_an_alias_with_options_to_the_uart) {
  Tree_file file{"qemu-gicv2-hvc"};
  file.add("/", "aliases")
      .text("/aliases", "serial0", "/pl011@9000000")
      .text("/chosen", "stdout-path", "serial0:115200n8");
  EXPECT_EQ(file.tree().chosen().value().stdout_path, "serial0");
  EXPECT_EQ(file.tree().uart().value().value().registers.base, 0x9000000U);
}

TEST(Device_tree, tells_the_interrupt_of_the_uart_it_tells_of) {
  Tree_file xens{"xen-vuart-initrd"};
  EXPECT_EQ(xens.tree().uart_interrupt().value().value(), (Interrupt_line{Interrupt{32}, Trigger::high_level}));
  xens.remove("/sbsa-uart@22000000", "interrupts");
  EXPECT_FALSE(xens.tree().uart_interrupt().value());
  EXPECT_TRUE(xens.tree().uart().value());

  Tree_file qemus{"qemu-gicv2-hvc"};
  EXPECT_EQ(qemus.tree().uart_interrupt().value().value(), (Interrupt_line{Interrupt{33}, Trigger::high_level}));
  qemus.text("/chosen", "stdout-path", "/pl031@9010000");
  EXPECT_FALSE(qemus.tree().uart_interrupt().value());
}

TEST(Device_tree, offers_no_other_uart_than_the_one_asked_for) {
  Tree_file file{"qemu-gicv2-hvc"};
  file.text("/chosen", "stdout-path", "/pl031@9010000");
  EXPECT_FALSE(file.tree().uart().value());
}

TEST(Device_tree, reads_function_identifiers_of_psci_0_1_only) {
  Tree_file file{"xen-gicv2"};
  file.text("/psci", "compatible", "arm,psci");
  const auto oldest = file.tree().psci().value().value();
  EXPECT_EQ(oldest.version, Psci_version::v0_1);
  ASSERT_TRUE(oldest.functions);
  EXPECT_EQ(oldest.functions->cpu_off, 1U);
  EXPECT_EQ(oldest.functions->cpu_on, 2U);
  file.bytes("/psci", "compatible", std::string_view{"arm,psci-0.2\0arm,psci\0", 22});
  const auto second = file.tree().psci().value().value();
  EXPECT_EQ(second.version, Psci_version::v0_2);
  EXPECT_FALSE(second.functions);
}

TEST(Device_tree, knows_cpus_that_cannot_be_started) {
  Tree_file file{"xen-gicv2"};
  file.remove("/cpus/cpu@0", "enable-method").text("/cpus/cpu@1", "enable-method", "spin-table");
  std::vector<Cpu_node> cpus = all(file.tree().cpus());
  EXPECT_EQ(cpus[0].enable_method, Enable_method::none);
  EXPECT_EQ(cpus[1].enable_method, Enable_method::other);
  file.text("/cpus", "enable-method", "psci");
  cpus = all(file.tree().cpus());
  EXPECT_EQ(cpus[0].enable_method, Enable_method::psci);
  EXPECT_EQ(cpus[1].enable_method, Enable_method::other);
}

TEST(Device_tree, finds_the_virtual_timer_by_name_and_its_frequency) {
  Tree_file file{"xen-gicv2"};
  file.bytes("/timer", "interrupt-names", std::string_view{"virt\0phys\0", 10})
      .cells("/timer", "interrupts", {0, 100, 1, 1, 14, 8})
      .cells("/timer", "clock-frequency", {62500000});
  const Timer_description timer = file.tree().timer().value();
  EXPECT_EQ(timer.virtual_timer, (Interrupt_line{Interrupt{132}, Trigger::rising_edge}));
  EXPECT_EQ(timer.frequency, 62500000U);
}

TEST(Device_tree, reads_interrupt_specifiers_of_four_cells) {
  Tree_file file{"xen-gicv2"};
  file.cells("/interrupt-controller@3001000", "#interrupt-cells", {4})
      .cells("/timer", "interrupts", {1, 13, 8, 0, 1, 14, 8, 0, 1, 11, 4, 0});
  EXPECT_EQ(file.tree().timer().value().virtual_timer, (Interrupt_line{Interrupt{27}, Trigger::high_level}));
}

TEST(Device_tree, reads_a_redistributor_stride_of_one_cell_or_two) {
  Tree_file file{"xen-gicv3-28"};
  file.cells("/interrupt-controller@3001000", "redistributor-stride", {0x40000});
  EXPECT_EQ(file.tree().gic().value().redistributor_stride, 0x40000U);
  file.cells("/interrupt-controller@3001000", "redistributor-stride", {1, 0x40000});
  EXPECT_EQ(file.tree().gic().value().redistributor_stride, 0x1'0004'0000U);
}

TEST(Device_tree, answers_empty_where_nothing_is_chosen) {
  Tree_file file{"xen-gicv2"};
  file.remove_node("/chosen");
  const Chosen chosen = file.tree().chosen().value();
  EXPECT_TRUE(chosen.bootargs.empty());
  EXPECT_TRUE(chosen.stdout_path.empty());
  EXPECT_FALSE(chosen.initrd);
}

TEST(Boot_arguments, find_the_value_of_a_key) {
  EXPECT_EQ(boot_argument("quiet events=2l console=xen", "events"), "2l");
  EXPECT_EQ(boot_argument("quiet events=2l console=xen", "console"), "xen");
  EXPECT_EQ(boot_argument("\tevents=a=b\n", "events"), "a=b");
}

TEST(Boot_arguments, let_the_later_word_win) {
  EXPECT_EQ(boot_argument("events=2l  events=fifo", "events"), "fifo");
}

TEST(Boot_arguments, tell_an_empty_value_from_none) {
  EXPECT_EQ(boot_argument("events=", "events"), "");
  EXPECT_EQ(boot_argument("events", "events"), std::nullopt);
  EXPECT_EQ(boot_argument("", "events"), std::nullopt);
  EXPECT_EQ(boot_argument("   ", "events"), std::nullopt);
}

TEST(Boot_arguments, take_no_longer_or_shorter_key) {
  EXPECT_EQ(boot_argument("xevents=1 eventsx=2 event=3 a,events=4", "events"), std::nullopt);
}

}  // namespace
}  // namespace enlighten::guest
