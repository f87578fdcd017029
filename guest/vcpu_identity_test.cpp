// SPDX-License-Identifier: MIT
// The rule between affinity and vCPU id over all ids there can be, and maps from each source with any CPU booting.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <guest/vcpu_identity.hpp>

namespace enlighten::guest {
namespace {

constexpr std::uint32_t most_vcpus = 128;  // of an arm64 guest ([xen] asm/config.h, MAX_VIRT_CPUS)

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? "no error" : result.error().text();
}

TEST(Vcpu_identity, packs_sixteen_vcpus_to_a_cluster) {
  EXPECT_EQ(vcpu_id_from_mpidr(Mpidr{0}).value(), Vcpu_id{0});
  EXPECT_EQ(vcpu_id_from_mpidr(Mpidr{15}).value(), Vcpu_id{15});
  EXPECT_EQ(vcpu_id_from_mpidr(Mpidr{0x100}).value(), Vcpu_id{16});
  EXPECT_EQ(vcpu_id_from_mpidr(Mpidr{0x10b}).value(), Vcpu_id{27});
  EXPECT_EQ(vcpu_id_from_mpidr(Mpidr{0x70f}).value(), Vcpu_id{127});
  EXPECT_EQ(mpidr_from_vcpu_id(Vcpu_id{127}).value(), Mpidr{0x70f});
}

TEST(Vcpu_identity, goes_there_and_back_for_every_id) {
  std::set<std::uint64_t> seen;
  for (std::uint32_t id = 0; id < 4096; ++id) {
    const Mpidr mpidr = mpidr_from_vcpu_id(Vcpu_id{id}).value();
    EXPECT_LE(mpidr.value() & 0xff, 15U);
    EXPECT_TRUE(seen.insert(mpidr.value()).second);
    EXPECT_EQ(vcpu_id_from_mpidr(mpidr).value(), Vcpu_id{id});
    // Id and affinity are the same number up to 15 and never again.
    EXPECT_EQ(mpidr.value() == id, id < 16) << id;
  }
  EXPECT_EQ(error_of(mpidr_from_vcpu_id(Vcpu_id{4096})), "vCPU 4096: no affinity, expected at most 4095");
}

TEST(Vcpu_identity, refuses_what_xen_would_take_for_another_vcpu) {
  EXPECT_EQ(error_of(vcpu_id_from_mpidr(Mpidr{0x10})), "affinity 0x10: Aff0 is 16, expected at most 15");
  EXPECT_EQ(error_of(vcpu_id_from_mpidr(Mpidr{0x1ff})), "affinity 0x1ff: Aff0 is 255, expected at most 15");
  EXPECT_EQ(error_of(vcpu_id_from_mpidr(Mpidr{0x10001})),
            "affinity 0x10001: Xen knows two levels, expected Aff2 and Aff3 to be 0");
  EXPECT_EQ(error_of(vcpu_id_from_mpidr(Mpidr{0x1'0000'0000})),
            "affinity 0x100000000: Xen knows two levels, expected Aff2 and Aff3 to be 0");
}

// A machine of `count` CPUs as Xen describes it, affinities in the order of ids.
std::vector<Mpidr> machine(std::uint32_t count) {
  std::vector<Mpidr> cpus;
  cpus.reserve(count);
  for (std::uint32_t id = 0; id < count; ++id) {
    cpus.push_back(mpidr_from_vcpu_id(Vcpu_id{id}).value());
  }
  return cpus;
}

class Vcpu_maps : public testing::Test {
 protected:
  Result<Vcpu_map> build(const std::vector<Mpidr>& cpus, Identity_source source, Mpidr boot) {
    storage_.assign(std::max(storage_.size(), cpus.size()), {});
    Vcpu_map_builder builder{storage_, source, boot};
    for (std::uint32_t position = 0; position < cpus.size(); ++position) {
      const Result<> added = builder.add(cpus[position], uid_of_first_ + position);
      if (!added) {
        return std::unexpected{added.error()};
      }
    }
    return builder.finish();
  }

  std::vector<Vcpu_identity> storage_;
  std::uint32_t uid_of_first_ = 0;
};

constexpr Identity_source xens_sources[] = {Identity_source::mpidr, Identity_source::device_tree,
                                            Identity_source::acpi_madt};

TEST_F(Vcpu_maps, agree_from_every_source_of_xens_with_any_cpu_booting) {
  for (const std::uint32_t count : {1U, 2U, 8U, 15U, 16U, 17U, 28U, 33U, most_vcpus}) {
    const std::vector<Mpidr> cpus = machine(count);
    for (const Identity_source source : xens_sources) {
      for (std::uint32_t boot = 0; boot < count; ++boot) {
        const Vcpu_map map = build(cpus, source, cpus[boot]).value();
        ASSERT_EQ(map.size(), count);
        EXPECT_EQ(map.id(Cpu{0}), Vcpu_id{boot});
        std::set<std::uint32_t> ids;
        for (std::uint32_t cpu = 0; cpu < count; ++cpu) {
          const Vcpu_id id = map.id(Cpu{cpu});
          // The others keep their order, and close the gap that the boot CPU leaves.
          const std::uint32_t expected = cpu == 0 ? boot : cpu <= boot ? cpu - 1 : cpu;
          EXPECT_EQ(id, Vcpu_id{expected});
          EXPECT_EQ(map.mpidr(Cpu{cpu}), cpus[id.value()]);
          EXPECT_EQ(map.find(id), Cpu{cpu});
          EXPECT_EQ(map.find(map.mpidr(Cpu{cpu})), Cpu{cpu});
          EXPECT_TRUE(map.confirm(Cpu{cpu}, cpus[id.value()]));
          ids.insert(id.value());
        }
        EXPECT_EQ(ids.size(), count);
      }
    }
  }
}

TEST_F(Vcpu_maps, survive_a_tree_in_any_order_only_by_affinity_or_uid) {
  std::vector<Mpidr> cpus = machine(most_vcpus);
  std::mt19937 random{20240919};
  std::shuffle(cpus.begin(), cpus.end(), random);
  const Vcpu_map map = build(cpus, Identity_source::mpidr, Mpidr{0x203}).value();
  for (std::uint32_t cpu = 0; cpu < most_vcpus; ++cpu) {
    EXPECT_EQ(map.id(Cpu{cpu}), vcpu_id_from_mpidr(map.mpidr(Cpu{cpu})).value());
  }
  EXPECT_EQ(map.id(Cpu{0}), Vcpu_id{35});
}

TEST_F(Vcpu_maps, take_the_uid_from_acpi_whatever_the_position) {
  uid_of_first_ = 100;
  const Vcpu_map map = build(machine(4), Identity_source::acpi_madt, Mpidr{2}).value();
  EXPECT_EQ(map.id(Cpu{0}), Vcpu_id{102});
  EXPECT_EQ(map.id(Cpu{1}), Vcpu_id{100});
}

TEST_F(Vcpu_maps, are_wrong_by_the_direct_rule_as_soon_as_another_cpu_boots) {
  const std::vector<Mpidr> cpus = machine(20);
  const Vcpu_map usual = build(cpus, Identity_source::direct, Mpidr{0}).value();
  EXPECT_EQ(usual.id(Cpu{19}), Vcpu_id{19});
  EXPECT_EQ(usual.mpidr(Cpu{19}), Mpidr{0x103});
  const Vcpu_map other = build(cpus, Identity_source::direct, Mpidr{3}).value();
  EXPECT_EQ(other.id(Cpu{0}), Vcpu_id{0});
  EXPECT_EQ(other.mpidr(Cpu{0}), Mpidr{3});
}

TEST_F(Vcpu_maps, take_any_affinity_by_the_direct_rule) {
  const Vcpu_map map =
      build({Mpidr{0x100ff}, Mpidr{0x1'0001'0000}}, Identity_source::direct, Mpidr{0x100ff}).value();
  EXPECT_EQ(map.id(Cpu{1}), Vcpu_id{1});
  EXPECT_EQ(map.source(), Identity_source::direct);
}

TEST_F(Vcpu_maps, know_only_what_they_have) {
  const Vcpu_map map = build(machine(3), Identity_source::mpidr, Mpidr{0}).value();
  EXPECT_TRUE(map.contains(Cpu{2}));
  EXPECT_FALSE(map.contains(Cpu{3}));
  EXPECT_EQ(map.find(Mpidr{3}), std::nullopt);
  EXPECT_EQ(map.find(Vcpu_id{3}), std::nullopt);
}

TEST_F(Vcpu_maps, say_how_a_starting_cpu_differs_from_what_was_described) {
  const Vcpu_map map = build(machine(20), Identity_source::mpidr, Mpidr{0}).value();
  EXPECT_EQ(error_of(map.confirm(Cpu{17}, Mpidr{0x102})),
            "cpu 17: its own affinity is 0x102, but 0x101 was described, for vCPU 17");
  EXPECT_EQ(error_of(map.confirm(Cpu{20}, Mpidr{0x104})), "cpu 20: the map ends before 20");
}

TEST_F(Vcpu_maps, refuse_an_affinity_described_twice) {
  for (const Identity_source source :
       {Identity_source::mpidr, Identity_source::device_tree, Identity_source::direct}) {
    EXPECT_EQ(error_of(build({Mpidr{0}, Mpidr{1}, Mpidr{1}}, source, Mpidr{0})), "affinity 0x1 is described twice");
    EXPECT_EQ(error_of(build({Mpidr{1}, Mpidr{0}, Mpidr{1}}, source, Mpidr{1})), "affinity 0x1 is described twice");
  }
}

TEST_F(Vcpu_maps, refuse_one_id_for_two_cpus) {
  storage_.resize(4);
  Vcpu_map_builder builder{storage_, Identity_source::acpi_madt, Mpidr{0}};
  EXPECT_TRUE(builder.add(Mpidr{0}, 7));
  EXPECT_TRUE(builder.add(Mpidr{1}, 8));
  EXPECT_EQ(error_of(builder.add(Mpidr{2}, 7)), "affinities 0x0 and 0x2 would both be vCPU 7");
  // The boot CPU's entry is the first, and still there to be compared with when it comes last.
  Vcpu_map_builder boot_last{storage_, Identity_source::acpi_madt, Mpidr{0}};
  EXPECT_TRUE(boot_last.add(Mpidr{2}, 7));
  EXPECT_EQ(error_of(boot_last.add(Mpidr{0}, 7)), "affinities 0x2 and 0x0 would both be vCPU 7");
}

TEST_F(Vcpu_maps, refuse_an_affinity_that_xen_cannot_have_given) {
  EXPECT_EQ(error_of(build({Mpidr{0}, Mpidr{0x10}}, Identity_source::mpidr, Mpidr{0})),
            "affinity 0x10: Aff0 is 16, expected at most 15");
}

TEST_F(Vcpu_maps, refuse_a_machine_without_the_boot_cpu) {
  storage_.resize(4);
  EXPECT_EQ(error_of(build(machine(3), Identity_source::mpidr, Mpidr{3})),
            "the boot CPU's affinity 0x3 is not among the 3 CPUs described");
  EXPECT_EQ(error_of(build({}, Identity_source::mpidr, Mpidr{0})),
            "the boot CPU's affinity 0x0 is not among the 0 CPUs described");
}

TEST_F(Vcpu_maps, refuse_more_cpus_than_there_is_room_for) {
  std::vector<Vcpu_identity> storage(2);
  Vcpu_map_builder builder{storage, Identity_source::mpidr, Mpidr{0}};
  EXPECT_TRUE(builder.add(Mpidr{1}));
  EXPECT_EQ(error_of(builder.add(Mpidr{2})),
            "affinity 0x2: one CPU too many, there is room for 2 with the boot CPU 0x0");
  // Room for the boot CPU is kept.
  EXPECT_TRUE(builder.add(Mpidr{0}));
  EXPECT_EQ(builder.finish().value().size(), 2U);
  Vcpu_map_builder none{{}, Identity_source::mpidr, Mpidr{0}};
  EXPECT_EQ(error_of(none.add(Mpidr{0})),
            "affinity 0x0: one CPU too many, there is room for 0 with the boot CPU 0x0");
}

TEST_F(Vcpu_maps, need_a_uid_for_the_source_acpi) {
  storage_.resize(1);
  Vcpu_map_builder builder{storage_, Identity_source::acpi_madt, Mpidr{0}};
  EXPECT_EQ(error_of(builder.add(Mpidr{0})), "affinity 0x0: no ACPI UID to take the vCPU id from");
}

}  // namespace
}  // namespace enlighten::guest
