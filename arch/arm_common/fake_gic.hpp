// SPDX-License-Identifier: MIT
// For tests: interrupt controllers that answer as the manual says and write down whatever it forbids.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <arch/hosted_machine.hpp>

namespace enlighten::arch::test {

// Whose controller it is: Xen's virtual one has no active state to read and complains of writing it.
enum class Maker { arm, xen };

// The registers of Gic_bank for any number of interrupts, at whatever base.
class Fake_bank {
 public:
  explicit Fake_bank(Maker maker) : maker_{maker} {}

  std::uint32_t read(std::uint32_t offset);
  // Returns what is wrong with it, or nothing.
  std::string write(std::uint32_t offset, std::uint32_t value);

  std::map<std::uint32_t, std::uint32_t> group, enabled, pending, active, priority, configuration;

 private:
  Maker maker_;
};

class Fake_gic : public hosted::Machine {
 public:
  Mpidr current_mpidr() override { return mpidr; }

  struct System_write {
    Gic_system_register which;
    std::uint64_t value;
    bool operator==(const System_write&) const = default;
  };

  Mpidr mpidr{0};
  std::vector<std::string> violations;

 protected:
  void violation(const std::string& what) {
    if (!what.empty()) {
      violations.push_back(what);
    }
  }
};

// GICD at 0x0800'0000, GICC at 0x0801'0000.
class Fake_gic_v2 final : public Fake_gic {
 public:
  static constexpr std::uintptr_t distributor_base = 0x0800'0000;
  static constexpr std::uintptr_t interface_base = 0x0801'0000;

  explicit Fake_gic_v2(Maker maker) : bank{maker} {}

  std::uint32_t mmio_read32(std::uintptr_t address) override;
  void mmio_write32(std::uintptr_t address, std::uint32_t value) override;
  void mmio_write8(std::uintptr_t address, std::uint8_t value) override;

  Fake_bank bank;
  std::uint32_t blocks = 4;                       // ITLinesNumber + 1
  std::uint32_t own_targets = 0;                  // ITARGETSR0 to 7
  std::map<std::uint32_t, std::uint8_t> targets;  // of shared interrupts
  std::uint32_t control = 0;
  std::vector<std::uint32_t> software_interrupts;
  std::map<std::uint32_t, std::uint32_t> interface;
  std::deque<std::uint32_t> to_acknowledge;
  std::vector<std::uint32_t> ended;
};

// GICD at 0x0800'0000; redistributors wherever a test puts them.
class Fake_gic_v3 final : public Fake_gic {
 public:
  static constexpr std::uintptr_t distributor_base = 0x0800'0000;

  struct Redistributor {
    explicit Redistributor(Maker maker) : bank{maker} {}
    std::uint64_t type = 0;
    bool asleep = true;
    std::uint32_t waking_reads = 0;
    std::uint32_t pending_reads = 0;
    Fake_bank bank;
  };

  explicit Fake_gic_v3(Maker maker) : bank{maker}, maker_{maker} {}

  void add_redistributor(std::uintptr_t base, std::uint64_t affinity_and_flags) {
    auto& added = redistributors.emplace(base, Redistributor{maker_}).first->second;
    added.type = affinity_and_flags;
    added.asleep = maker_ == Maker::arm;
  }

  std::uint32_t mmio_read32(std::uintptr_t address) override;
  void mmio_write32(std::uintptr_t address, std::uint32_t value) override;
  std::uint64_t gic_read(Gic_system_register which) override;
  void gic_write(Gic_system_register which, std::uint64_t value) override;

  Fake_bank bank;
  std::uint32_t blocks = 4;
  std::uint32_t control = 0;
  std::uint32_t pending_reads = 0;                // how often RWP still reads as set
  bool stuck = false;                             // RWP never clears
  std::map<std::uint32_t, std::uint32_t> routes;  // by offset
  std::map<std::uintptr_t, Redistributor> redistributors;
  std::map<Gic_system_register, std::uint64_t> system;
  std::vector<System_write> system_writes;
  std::deque<std::uint32_t> to_acknowledge;
  bool system_registers_withheld = false;

 private:
  Maker maker_;
};

}  // namespace enlighten::arch::test
