// SPDX-License-Identifier: MIT
// The interrupt controller of a domain: what is pending, enabled, urgent enough and not active is acknowledged; and
// registers that are not there.
#include <model/gic.hpp>

#include <vector>

#include <gtest/gtest.h>

namespace enlighten::model {
namespace {

constexpr Vcpu_id boot{0};
constexpr Vcpu_id other{1};
constexpr std::uint32_t upcall_bit = 1U << 31U;
constexpr std::uint32_t timer_bit = 1U << 27U;

// Registers by what they are for, where the version in question has them.
class Gic_of_either_version : public testing::TestWithParam<Gic_version> {
 protected:
  Gic_of_either_version() {
    for (Vcpu_state& vcpu : vcpus_) {
      vcpu.down = false;
    }
    EXPECT_TRUE(gic_.write32(asks(boot), Gic::distributor_base, 3));
    for (const Vcpu_id vcpu : {boot, other}) {
      gic_.set_interface(vcpu, {.priority_mask = 0xf0, .binary_point = 0, .enabled = true});
      write_bank(vcpu, 0x100, upcall_bit | timer_bit);
    }
  }

  static Gic::Asker asks(Vcpu_id vcpu, bool timer_line = false) { return {vcpu, timer_line}; }

  [[nodiscard]] std::uint64_t bank(Vcpu_id vcpu) const {
    return GetParam() == Gic_version::v2
               ? Gic::distributor_base
               : Gic::redistributors_base + vcpu.value() * Gic::redistributor_size + 0x1'0000;
  }
  void write_bank(Vcpu_id vcpu, std::uint64_t offset, std::uint32_t value) {
    EXPECT_TRUE(gic_.write32(asks(vcpu), bank(vcpu) + offset, value)) << offset;
  }
  void set_priority(Vcpu_id vcpu, Interrupt interrupt, std::uint8_t priority) {
    EXPECT_TRUE(gic_.write8(asks(vcpu), bank(vcpu) + 0x400 + interrupt.value(), priority));
  }
  void send_sgi(Vcpu_id from, std::uint32_t interrupt, Vcpu_id to) {
    if (GetParam() == Gic_version::v2) {
      EXPECT_TRUE(gic_.write32(asks(from), Gic::distributor_base + 0xf00, 1U << (16 + to.value()) | interrupt));
    } else {
      gic_.send(std::uint64_t{interrupt} << 24U | std::uint64_t{to.value()} / 16 << 16U | 1ULL << to.value() % 16);
    }
  }

  std::vector<Vcpu_state> vcpus_ = std::vector<Vcpu_state>(8);
  Gic gic_{GetParam(), vcpus_};
};

TEST_P(Gic_of_either_version, gives_the_upcall_once_for_each_edge) {
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::nothing);
  vcpus_[0].upcall_pending = true;
  EXPECT_TRUE(gic_.wakes(asks(boot)));
  EXPECT_FALSE(gic_.wakes(asks(other))) << "each vCPU has its own";
  EXPECT_EQ(gic_.highest_pending(asks(boot)), Gic::upcall.value());
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::upcall.value());
  EXPECT_FALSE(vcpus_[0].upcall_pending);
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::nothing);
}

TEST_P(Gic_of_either_version, holds_back_what_is_active_until_it_is_ended) {
  vcpus_[0].upcall_pending = true;
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::upcall.value());
  vcpus_[0].upcall_pending = true;
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::nothing);
  gic_.end(boot, Gic::upcall.value());
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::upcall.value());
}

TEST_P(Gic_of_either_version, gives_a_level_again_for_as_long_as_it_is_there) {
  EXPECT_EQ(gic_.acknowledge(asks(boot, true)), Gic::timer.value());
  gic_.end(boot, Gic::timer.value());
  EXPECT_EQ(gic_.acknowledge(asks(boot, true)), Gic::timer.value());
  gic_.end(boot, Gic::timer.value());
  EXPECT_EQ(gic_.acknowledge(asks(boot, false)), Gic::nothing);
}

TEST_P(Gic_of_either_version, gives_the_more_urgent_first_and_of_equals_the_lower) {
  vcpus_[0].upcall_pending = true;
  set_priority(boot, Gic::upcall, 0x80);
  set_priority(boot, Gic::timer, 0x80);
  EXPECT_EQ(gic_.highest_pending(asks(boot, true)), Gic::timer.value());
  set_priority(boot, Gic::upcall, 0x40);
  EXPECT_EQ(gic_.acknowledge(asks(boot, true)), Gic::upcall.value());
  EXPECT_EQ(gic_.acknowledge(asks(boot, true)), Gic::nothing) << "only what is more urgent than what runs";
  set_priority(boot, Gic::timer, 0x20);
  EXPECT_EQ(gic_.acknowledge(asks(boot, true)), Gic::timer.value());
}

TEST_P(Gic_of_either_version, drops_the_priority_an_interrupt_was_acknowledged_with) {
  vcpus_[0].upcall_pending = true;
  set_priority(boot, Gic::upcall, 0x40);
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::upcall.value());
  EXPECT_TRUE(gic_.is_active(boot, Gic::upcall));
  set_priority(boot, Gic::upcall, 0x80);
  gic_.end(boot, Gic::upcall.value());
  EXPECT_FALSE(gic_.is_active(boot, Gic::upcall));
  EXPECT_EQ(gic_.active_priorities(boot), 0U);
}

TEST_P(Gic_of_either_version, forgets_what_ran_when_told_that_nothing_does) {
  vcpus_[0].upcall_pending = true;
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::upcall.value());
  EXPECT_NE(gic_.active_priorities(boot), 0U);
  set_priority(boot, Gic::timer, 0xa0);
  EXPECT_EQ(gic_.acknowledge(asks(boot, true)), Gic::nothing);
  gic_.set_active_priorities(boot, 0);
  EXPECT_EQ(gic_.active_priorities(boot), 0U);
  EXPECT_EQ(gic_.acknowledge(asks(boot, true)), Gic::timer.value());
}

TEST_P(Gic_of_either_version, signals_nothing_that_is_disabled_masked_or_switched_off) {
  vcpus_[0].upcall_pending = true;
  write_bank(boot, 0x180, upcall_bit);
  EXPECT_FALSE(gic_.wakes(asks(boot))) << "disabled";
  write_bank(boot, 0x100, upcall_bit);
  set_priority(boot, Gic::upcall, 0xf0);
  EXPECT_FALSE(gic_.wakes(asks(boot))) << "not more urgent than the mask";
  set_priority(boot, Gic::upcall, 0xe8);
  EXPECT_TRUE(gic_.wakes(asks(boot)));
  gic_.set_interface(boot, {.priority_mask = 0xf0, .binary_point = 0, .enabled = false});
  EXPECT_FALSE(gic_.wakes(asks(boot))) << "the interface is off";
  gic_.set_interface(boot, {.priority_mask = 0xf0, .binary_point = 0, .enabled = true});
  EXPECT_TRUE(gic_.write32(asks(boot), Gic::distributor_base, 0));
  EXPECT_FALSE(gic_.wakes(asks(boot))) << "the distributor is off";
}

TEST_P(Gic_of_either_version, sends_a_software_interrupt_to_whom_it_names_unless_that_one_is_off) {
  send_sgi(boot, 5, other);
  EXPECT_EQ(gic_.acknowledge(asks(boot)), Gic::nothing);
  EXPECT_EQ(gic_.acknowledge(asks(other)), 5U);
  gic_.end(other, 5);
  EXPECT_EQ(gic_.acknowledge(asks(other)), Gic::nothing);
  vcpus_[1].down = true;
  send_sgi(boot, 5, other);
  vcpus_[1].down = false;
  EXPECT_EQ(gic_.acknowledge(asks(other)), Gic::nothing);
  send_sgi(boot, 5, other);
  gic_.clear_pending(other);
  EXPECT_EQ(gic_.acknowledge(asks(other)), Gic::nothing) << "CPU_ON drops what an earlier life left";
}

TEST_P(Gic_of_either_version, has_no_register_where_there_is_none) {
  for (const std::uint64_t address : {std::uint64_t{0}, Gic::distributor_base - 4, Gic::distributor_base + 2,
                                      Gic::redistributors_base + 8 * Gic::redistributor_size}) {
    EXPECT_EQ(gic_.read32(asks(boot), address), std::nullopt) << std::hex << address;
    EXPECT_FALSE(gic_.write32(asks(boot), address, 0)) << std::hex << address;
  }
  EXPECT_FALSE(gic_.write8(asks(boot), bank(boot) + 0x100, 1)) << "a byte of a register of words";
  EXPECT_FALSE(gic_.write32(asks(boot), bank(boot) + 0x408 + 24, 0))
      << "priorities of interrupts that are not there";
}

INSTANTIATE_TEST_SUITE_P(Gic, Gic_of_either_version, testing::Values(Gic_version::v2, Gic_version::v3),
                         [](const auto& parameters) {
                           return parameters.param == Gic_version::v2 ? "version_2" : "version_3";
                         });

TEST(Gic_version_2, tells_each_vcpu_its_own_interface_and_sends_by_three_filters) {
  std::vector<Vcpu_state> vcpus(3);
  for (Vcpu_state& vcpu : vcpus) {
    vcpu.down = false;
  }
  Gic gic{Gic_version::v2, vcpus};
  EXPECT_EQ(gic.read32({Vcpu_id{2}, false}, Gic::distributor_base + 0x800), 0x0404'0404U);
  EXPECT_EQ(gic.read32({boot, false}, Gic::distributor_base + 4), 2U << 5U);
  EXPECT_TRUE(gic.write32({boot, false}, Gic::distributor_base, 1));
  for (std::uint32_t id = 0; id < 3; ++id) {
    const Gic::Asker asker{Vcpu_id{id}, false};
    EXPECT_TRUE(gic.write32(asker, Gic::interface_base, 1));
    EXPECT_TRUE(gic.write32(asker, Gic::interface_base + 4, 0xf0));
  }
  const auto pending = [&](std::uint32_t id) {
    const Gic::Asker asker{Vcpu_id{id}, false};
    const std::uint32_t interrupt = *gic.read32(asker, Gic::interface_base + 0xc);
    EXPECT_TRUE(gic.write32(asker, Gic::interface_base + 0x10, interrupt));
    return interrupt;
  };
  EXPECT_TRUE(gic.write32({boot, false}, Gic::distributor_base + 0xf00, 1U << 24U | 3));
  EXPECT_EQ(pending(0), Gic::nothing) << "all but the sender";
  EXPECT_EQ(pending(1), 3U);
  EXPECT_EQ(pending(2), 3U);
  EXPECT_TRUE(gic.write32({other, false}, Gic::distributor_base + 0xf00, 2U << 24U | 4));
  EXPECT_EQ(pending(0), Gic::nothing);
  EXPECT_EQ(pending(1), 4U) << "the sender itself";
}

TEST(Gic_version_3, has_a_redistributor_for_each_vcpu_with_its_affinity_and_marks_the_last) {
  std::vector<Vcpu_state> vcpus(18);
  Gic gic{Gic_version::v3, vcpus};
  const auto type = [&](std::uint64_t vcpu, std::uint64_t half) {
    return gic.read32({boot, false}, Gic::redistributors_base + vcpu * Gic::redistributor_size + 8 + half);
  };
  EXPECT_EQ(type(0, 4), 0U);
  EXPECT_EQ(type(15, 4), 15U);
  EXPECT_EQ(type(17, 4), 0x101U);
  EXPECT_EQ(type(16, 0), 16U << 8U);
  EXPECT_EQ(type(17, 0), 17U << 8U | 1U << 4U);
}

}  // namespace
}  // namespace enlighten::model
