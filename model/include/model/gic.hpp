// SPDX-License-Identifier: MIT
// The interrupt controller that Xen plays for a domain, version 2 or 3: its registers, and which interrupt comes
// next.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include <base/ids.hpp>
#include <model/vcpu_state.hpp>

namespace enlighten::model {

enum class Gic_version : std::uint8_t { v2 = 2, v3 = 3 };

// Only what belongs to one vCPU: 16 SGIs and 16 PPIs each. A domain of the model has no device, and so no SPI.
class Gic {
 public:
  // [xen] arch-arm.h GUEST_*: where a domain finds it. In version 3 a vCPU has two frames of 64 KiB.
  static constexpr std::uint64_t distributor_base = 0x0300'1000;
  static constexpr std::uint64_t interface_base = 0x0300'2000;  // version 2
  static constexpr std::uint64_t interface_size = 0x2000;
  static constexpr std::uint64_t redistributors_base = 0x0302'0000;  // version 3
  static constexpr std::uint64_t redistributor_size = 0x2'0000;
  [[nodiscard]] static constexpr std::uint64_t distributor_size(Gic_version version) noexcept {
    return version == Gic_version::v2 ? 0x1000 : 0x1'0000;
  }

  static constexpr Interrupt timer{27};
  static constexpr Interrupt upcall{31};
  // What is acknowledged where nothing is pending.
  static constexpr std::uint32_t nothing = 1023;

  Gic(Gic_version version, std::span<Vcpu_state> vcpus);

  [[nodiscard]] Gic_version version() const noexcept { return version_; }

  // What the caller's timer line is, a level, is told with each question about its interrupts.
  struct Asker {
    Vcpu_id vcpu;
    bool timer_line;
  };

  // Registers in memory. Nothing, or false: there is none at that address of that size; Xen makes it a data abort.
  [[nodiscard]] std::optional<std::uint32_t> read32(Asker self, std::uint64_t address);
  [[nodiscard]] bool write32(Asker self, std::uint64_t address, std::uint32_t value);
  [[nodiscard]] bool write8(Asker self, std::uint64_t address, std::uint8_t value);

  // The CPU interface of version 3, whose registers are the system's ([gic] 12.2).
  [[nodiscard]] std::uint32_t acknowledge(Asker self);
  [[nodiscard]] std::uint32_t highest_pending(Asker self);
  void end(Vcpu_id self, std::uint32_t interrupt);
  void send(std::uint64_t request);  // ICC_SGI1R_EL1
  struct Interface {
    std::uint8_t priority_mask = 0;  // only what is numerically below interrupts
    std::uint8_t binary_point = 0;
    bool enabled = false;
  };
  [[nodiscard]] Interface interface_of(Vcpu_id self);
  void set_interface(Vcpu_id self, const Interface& interface);
  // ICC_AP1R0; zero is the one value that can be written for certain ([gic] 12.2.1).
  [[nodiscard]] std::uint32_t active_priorities(Vcpu_id self);
  void set_active_priorities(Vcpu_id self, std::uint32_t bits);

  // Whether WFI ends: an interrupt is pending that the CPU interface would signal, were none active.
  [[nodiscard]] bool wakes(Asker self);
  // Acknowledged, and not ended yet.
  [[nodiscard]] bool is_active(Vcpu_id vcpu, Interrupt interrupt);
  // CPU_ON: what was left pending from an earlier life is dropped ([xen] vgic.c, vgic_clear_pending_irqs).
  void clear_pending(Vcpu_id vcpu);

 private:
  struct Bank {
    std::uint32_t enabled = 0xffff;  // SGIs are from the start, in Xen's
    std::uint32_t software_pending = 0;
    std::uint32_t active = 0;
    std::array<std::uint8_t, 32> priority{};
    std::array<std::uint8_t, 32> taken_at{};  // of what is active: its priority as it was acknowledged
    std::array<std::uint32_t, 2> configuration{0xaaaa'aaaa, 0};
    Interface interface;
    std::multiset<std::uint8_t> running;  // priorities of what is active, by acknowledgement
  };

  [[nodiscard]] std::uint32_t pending(Asker self) const;
  [[nodiscard]] std::uint32_t next(Asker self, unsigned below) const;
  [[nodiscard]] std::uint32_t take(Asker self);
  static void drop(Bank& bank, std::uint32_t interrupt);
  static void forget_running(Bank& bank, std::uint32_t bits);
  [[nodiscard]] static std::uint32_t running_bits(const Bank& bank);
  void send_to(Vcpu_id vcpu, std::uint32_t interrupt);
  void send_version_2(Vcpu_id self, std::uint32_t request);
  [[nodiscard]] static std::optional<std::uint32_t> read_bank(const Bank& bank, std::uint32_t offset);
  [[nodiscard]] static bool write_bank(Bank& bank, std::uint32_t offset, std::uint32_t value);
  [[nodiscard]] std::optional<std::uint32_t> read_distributor(Vcpu_id self, std::uint32_t offset) const;
  [[nodiscard]] bool write_distributor(Vcpu_id self, std::uint32_t offset, std::uint32_t value);
  [[nodiscard]] std::optional<std::uint32_t> read_redistributor(std::uint32_t vcpu, std::uint32_t offset) const;
  [[nodiscard]] bool write_redistributor(std::uint32_t vcpu, std::uint32_t offset, std::uint32_t value);
  [[nodiscard]] std::optional<std::uint32_t> read_interface(Asker self, std::uint32_t offset);
  [[nodiscard]] bool write_interface(Vcpu_id self, std::uint32_t offset, std::uint32_t value);

  Gic_version version_;
  std::span<Vcpu_state> vcpus_;
  std::vector<Bank> banks_;
  bool distributor_on_ = false;
  // Taken for a moment; nobody waits for anything under it.
  std::mutex mutex_;
};

}  // namespace enlighten::model
