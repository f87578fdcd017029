// SPDX-License-Identifier: MIT
// Maps of vCPU identities from real device trees and from tables like Xen's.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <guest/vcpu_discovery.hpp>

#include "test/acpi_table_writer.hpp"
#include "test/tree_file.hpp"

namespace enlighten::guest {
namespace {

constexpr std::size_t room = 160;

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().text();
}

TEST(Vcpu_discovery, reads_xens_28_vcpus_with_another_than_the_first_booting) {
  test::Tree_file file{"xen-gicv3-28"};
  const Device_tree tree = file.tree();
  for (const Identity_source source : {Identity_source::mpidr, Identity_source::device_tree}) {
    std::vector<Vcpu_identity> storage(room);
    const Vcpu_map map = discover_vcpus(tree, source, Mpidr{0x101}, storage).value();
    EXPECT_EQ(map.size(), 28U);
    EXPECT_EQ(map.id(Cpu{0}), Vcpu_id{17});
    EXPECT_EQ(map.id(Cpu{1}), Vcpu_id{0});
    EXPECT_EQ(map.id(Cpu{27}), Vcpu_id{27});
    EXPECT_EQ(map.find(Mpidr{0x100}), Cpu{17});
  }
}

TEST(Vcpu_discovery, reads_130_cpus_of_a_machine_without_xen) {
  test::Tree_file file{"qemu-gicv3-130"};
  std::vector<Vcpu_identity> storage(room);
  const Vcpu_map map = discover_vcpus(file.tree(), Identity_source::direct, Mpidr{0}, storage).value();
  EXPECT_EQ(map.size(), 130U);
  EXPECT_EQ(map.mpidr(Cpu{129}), Mpidr{0x801});
}

TEST(Vcpu_discovery, passes_the_errors_of_the_tree_on) {
  test::Tree_file file{"xen-gicv2"};
  file.bytes("/cpus/cpu@2", "reg", "");
  std::vector<Vcpu_identity> storage(room);
  EXPECT_EQ(error_of(discover_vcpus(file.tree(), Identity_source::mpidr, Mpidr{0}, storage)),
            "device tree: /cpus/cpu@2: property \"reg\" has 0 bytes, expected 4");
  EXPECT_EQ(error_of(discover_vcpus(file.tree(), Identity_source::acpi_madt, Mpidr{0}, storage)),
            "affinity 0x0: no ACPI UID to take the vCPU id from");
}

TEST(Vcpu_discovery, reads_128_vcpus_from_a_madt_with_any_booting) {
  const test::Bytes bytes = test::xen_madt(128, 3);
  const Madt madt = Madt::open(bytes).value();
  for (const Identity_source source : {Identity_source::mpidr, Identity_source::acpi_madt}) {
    std::vector<Vcpu_identity> storage(128);
    const Vcpu_map map = discover_vcpus(madt, source, Mpidr{0x70f}, storage).value();
    EXPECT_EQ(map.size(), 128U);
    EXPECT_EQ(map.id(Cpu{0}), Vcpu_id{127});
    EXPECT_EQ(map.id(Cpu{127}), Vcpu_id{126});
  }
}

TEST(Vcpu_discovery, leaves_out_disabled_processors_and_keeps_those_that_may_come) {
  const test::Bytes bytes =
      test::madt({test::gicc({.uid = 4, .mpidr = 0}), test::gicc({.uid = 5, .flags = 0, .mpidr = 0}),
                  test::gicc({.uid = 6, .flags = 8, .mpidr = 2})});
  std::vector<Vcpu_identity> storage(room);
  const Vcpu_map map =
      discover_vcpus(Madt::open(bytes).value(), Identity_source::acpi_madt, Mpidr{0}, storage).value();
  EXPECT_EQ(map.size(), 2U);
  EXPECT_EQ(map.id(Cpu{1}), Vcpu_id{6});
}

TEST(Vcpu_discovery, refuses_what_a_madt_does_not_have) {
  std::vector<Vcpu_identity> storage(room);
  const test::Bytes bytes = test::madt({test::gicc({.uid = 9, .length = 40})});
  const Madt madt = Madt::open(bytes).value();
  EXPECT_EQ(error_of(discover_vcpus(madt, Identity_source::mpidr, Mpidr{0}, storage)),
            "ACPI MADT: processor 9 has no affinity, as before ACPI 5.1");
  EXPECT_EQ(error_of(discover_vcpus(madt, Identity_source::device_tree, Mpidr{0}, storage)),
            "a MADT has no order of a device tree");
}

}  // namespace
}  // namespace enlighten::guest
