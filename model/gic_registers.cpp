// SPDX-License-Identifier: MIT
// The registers of the interrupt controller, as Xen's answer: what it does not keep reads as zero.
#include <cstddef>

#include <model/affinity.hpp>
#include <model/gic.hpp>

namespace enlighten::model {
namespace {

// [gic] 12.8, [gic2] 4.3: offsets in the distributor, and in the second frame of a redistributor.
enum Bank_register : std::uint32_t {
  group = 0x080,
  set_enable = 0x100,
  clear_enable = 0x180,
  set_pending = 0x200,
  pending_clear = 0x280,
  set_active = 0x300,
  clear_active = 0x380,
  priority = 0x400,
  targets = 0x800,
  configuration = 0xc00,
};
enum Distributor_register : std::uint32_t { control = 0x000, type = 0x004, implementer = 0x008, generate = 0xf00 };
// [gic] 12.10
enum Redistributor_register : std::uint32_t {
  redistributor_control = 0x00,
  redistributor_implementer = 0x04,
  redistributor_type = 0x08,
  redistributor_wake = 0x14,
  second_frame = 0x1'0000,
};
// [gic2] 4.4
enum Interface_register : std::uint32_t {
  interface_control = 0x00,
  interface_mask = 0x04,
  interface_binary_point = 0x08,
  interface_acknowledge = 0x0c,
  interface_end = 0x10,
  interface_highest_pending = 0x18,
  interface_active_priorities = 0xd0,
};

// EnableGrp1 and EnableGrp1A; affinity routing is on for good in Xen's version 3.
constexpr std::uint32_t enable_bits = 3;
constexpr std::uint32_t affinity_routing = 1U << 4;

}  // namespace

std::optional<std::uint32_t> Gic::read_bank(const Bank& bank, std::uint32_t offset) {
  if (offset >= priority && offset < priority + 32) {
    const std::uint32_t first = offset - priority;
    return std::uint32_t{bank.priority[first]} | std::uint32_t{bank.priority[first + 1]} << 8U |
           std::uint32_t{bank.priority[first + 2]} << 16U | std::uint32_t{bank.priority[first + 3]} << 24U;
  }
  switch (offset) {
    case set_enable:
    case clear_enable:
      return bank.enabled;
    // [xen] vgic.c: there is one group, and what is pending or active is told nobody.
    case group:
    case set_pending:
    case pending_clear:
    case set_active:
    case clear_active:
      return 0;
    case configuration:
    case configuration + 4:
      return bank.configuration[(offset - configuration) / 4];
    default:
      return std::nullopt;
  }
}

bool Gic::write_bank(Bank& bank, std::uint32_t offset, std::uint32_t value) {
  if (offset >= priority && offset < priority + 32) {
    for (std::uint32_t index = 0; index < 4; ++index) {
      bank.priority[offset - priority + index] = static_cast<std::uint8_t>(value >> 8U * index & 0xf8U);
    }
    return true;
  }
  switch (offset) {
    case set_enable:
      bank.enabled |= value;
      return true;
    case clear_enable:
      bank.enabled &= ~value;
      return true;
    case configuration + 4:
      bank.configuration[1] = value;
      return true;
    case group:
    case set_pending:
    case pending_clear:
    case set_active:
    case clear_active:
    case configuration:
      return true;
    default:
      return false;
  }
}

std::optional<std::uint32_t> Gic::read_distributor(Vcpu_id self, std::uint32_t offset) const {
  switch (offset) {
    case control:
      return (distributor_on_ ? enable_bits : 0U) | (version_ == Gic_version::v3 ? affinity_routing : 0U);
    // No SPI: ITLinesNumber 4:0 is 0. CPUNumber 7:5, IDbits 23:19.
    case type:
      return version_ == Gic_version::v3 ? 9U << 19U : static_cast<std::uint32_t>(vcpus_.size() - 1) << 5U;
    case implementer:
      return 0;
    default:
      break;
  }
  if (version_ == Gic_version::v3) {
    // Those below 32 are the redistributors' ([gic] 12.9).
    return offset < 0x1000 ? std::optional{0U} : std::nullopt;
  }
  if (offset >= targets && offset < targets + 32) {
    return 0x0101'0101U << self.value();
  }
  return read_bank(banks_[self.value()], offset);
}

bool Gic::write_distributor(Vcpu_id self, std::uint32_t offset, std::uint32_t value) {
  if (offset == control) {
    distributor_on_ = (value & enable_bits) != 0;
    return true;
  }
  if (version_ == Gic_version::v3) {
    return offset < 0x1000;
  }
  if (offset == generate) {
    send_version_2(self, value);
    return true;
  }
  return (offset >= targets && offset < targets + 32) || write_bank(banks_[self.value()], offset, value);
}

std::optional<std::uint32_t> Gic::read_redistributor(std::uint32_t vcpu, std::uint32_t offset) const {
  constexpr std::uint32_t last = 1U << 4;
  switch (offset) {
    case redistributor_control:
    case redistributor_implementer:
    // Never asleep.
    case redistributor_wake:
      return 0;
    case redistributor_type:
      return vcpu << 8U | (vcpu + 1 == vcpus_.size() ? last : 0U);
    case redistributor_type + 4:
      return static_cast<std::uint32_t>(affinity_of(Vcpu_id{vcpu}).value());
    default:
      return offset < second_frame ? std::nullopt : read_bank(banks_[vcpu], offset - second_frame);
  }
}

bool Gic::write_redistributor(std::uint32_t vcpu, std::uint32_t offset, std::uint32_t value) {
  if (offset == redistributor_control || offset == redistributor_wake) {
    return true;
  }
  return offset >= second_frame && write_bank(banks_[vcpu], offset - second_frame, value);
}

std::optional<std::uint32_t> Gic::read_interface(Asker self, std::uint32_t offset) {
  const Bank& bank = banks_[self.vcpu.value()];
  switch (offset) {
    case interface_control:
      return bank.interface.enabled ? 1U : 0U;
    case interface_mask:
      return bank.interface.priority_mask;
    case interface_binary_point:
      return bank.interface.binary_point;
    case interface_acknowledge:
      return take(self);
    case interface_highest_pending:
      return next(self, 0x100);
    case interface_active_priorities:
      return running_bits(bank);
    case interface_active_priorities + 4:
    case interface_active_priorities + 8:
    case interface_active_priorities + 12:
      return 0;
    default:
      return std::nullopt;
  }
}

bool Gic::write_interface(Vcpu_id self, std::uint32_t offset, std::uint32_t value) {
  Bank& bank = banks_[self.value()];
  switch (offset) {
    case interface_control:
      bank.interface.enabled = (value & 1U) != 0;
      return true;
    case interface_mask:
      bank.interface.priority_mask = static_cast<std::uint8_t>(value & 0xf8U);
      return true;
    case interface_binary_point:
      bank.interface.binary_point = static_cast<std::uint8_t>(value & 7U);
      return true;
    case interface_end:
      drop(bank, value & 0x3ffU);
      return true;
    case interface_active_priorities:
      forget_running(bank, value);
      return true;
    case interface_active_priorities + 4:
    case interface_active_priorities + 8:
    case interface_active_priorities + 12:
      return true;
    default:
      return false;
  }
}

std::optional<std::uint32_t> Gic::read32(Asker self, std::uint64_t address) {
  const std::lock_guard guard{mutex_};
  if (address % 4 != 0) {
    return std::nullopt;
  }
  if (address >= distributor_base && address - distributor_base < distributor_size(version_)) {
    return read_distributor(self.vcpu, static_cast<std::uint32_t>(address - distributor_base));
  }
  if (version_ == Gic_version::v2) {
    return address >= interface_base && address - interface_base < interface_size
               ? read_interface(self, static_cast<std::uint32_t>(address - interface_base))
               : std::nullopt;
  }
  const std::uint64_t offset = address - redistributors_base;
  return address >= redistributors_base && offset / redistributor_size < vcpus_.size()
             ? read_redistributor(static_cast<std::uint32_t>(offset / redistributor_size),
                                  static_cast<std::uint32_t>(offset % redistributor_size))
             : std::nullopt;
}

bool Gic::write32(Asker self, std::uint64_t address, std::uint32_t value) {
  const std::lock_guard guard{mutex_};
  if (address % 4 != 0) {
    return false;
  }
  if (address >= distributor_base && address - distributor_base < distributor_size(version_)) {
    return write_distributor(self.vcpu, static_cast<std::uint32_t>(address - distributor_base), value);
  }
  if (version_ == Gic_version::v2) {
    return address >= interface_base && address - interface_base < interface_size &&
           write_interface(self.vcpu, static_cast<std::uint32_t>(address - interface_base), value);
  }
  const std::uint64_t offset = address - redistributors_base;
  return address >= redistributors_base && offset / redistributor_size < vcpus_.size() &&
         write_redistributor(static_cast<std::uint32_t>(offset / redistributor_size),
                             static_cast<std::uint32_t>(offset % redistributor_size), value);
}

// Bytes can be had of priorities and of version 2's targets, which for what belongs to one vCPU are fixed.
bool Gic::write8(Asker self, std::uint64_t address, std::uint8_t value) {
  const std::lock_guard guard{mutex_};
  const std::uint64_t base = version_ == Gic_version::v2
                                 ? distributor_base
                                 : redistributors_base + self.vcpu.value() * redistributor_size + second_frame;
  const std::uint64_t offset = address - base;
  if (address >= base && offset >= priority && offset < priority + 32) {
    banks_[self.vcpu.value()].priority[offset - priority] = value & 0xf8U;
    return true;
  }
  return version_ == Gic_version::v2 && address >= base && offset >= targets && offset < targets + 32;
}

}  // namespace enlighten::model
