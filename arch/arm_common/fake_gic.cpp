// SPDX-License-Identifier: MIT
// The controllers of fake_gic.hpp, written from the manual ([gic] 12.8 to 12.11, [gic2] 4.3, 4.4).
#include "fake_gic.hpp"

#include <iterator>

namespace enlighten::arch::test {
namespace {

constexpr std::uint32_t settling_reads = 3;

bool within(std::uintptr_t value, std::uintptr_t first, std::uintptr_t end) {
  return value >= first && value < end;
}

std::string hex(std::uintptr_t value) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) {
    text += digits[value >> shift & 0xf];
  }
  return text;
}

}  // namespace

std::uint32_t Fake_bank::read(std::uint32_t offset) {
  const std::uint32_t index = offset / 4 % 32;
  if (within(offset, 0x080, 0x100)) {
    return group[index];
  }
  if (within(offset, 0x100, 0x200)) {
    return enabled[index];
  }
  if (within(offset, 0x200, 0x300)) {
    return maker_ == Maker::xen ? 0 : pending[index];
  }
  if (within(offset, 0x300, 0x400)) {
    return maker_ == Maker::xen ? 0 : active[index];
  }
  if (within(offset, 0x400, 0x800)) {
    return priority[(offset - 0x400) / 4];
  }
  return configuration[(offset - 0xc00) / 4];
}

std::string Fake_bank::write(std::uint32_t offset, std::uint32_t value) {
  const std::uint32_t index = offset / 4 % 32;
  if (within(offset, 0x080, 0x100)) {
    group[index] = value;
  } else if (within(offset, 0x100, 0x180)) {
    enabled[index] |= value;
  } else if (within(offset, 0x180, 0x200)) {
    enabled[index] &= ~value;
  } else if (within(offset, 0x380, 0x400)) {
    if (maker_ == Maker::xen) {
      return "Xen does not handle a write of ICACTIVER";
    }
    active[index] &= ~value;
  } else if (within(offset, 0x400, 0x800)) {
    priority[(offset - 0x400) / 4] = value;
  } else if (within(offset, 0xc00, 0xd00)) {
    const std::uint32_t which = (offset - 0xc00) / 4;
    const std::uint32_t changed = configuration[which] ^ value;
    for (std::uint32_t interrupt = 0; interrupt < 16; ++interrupt) {
      const std::uint32_t number = which * 16 + interrupt;
      if ((changed >> interrupt * 2 & 3) != 0 && (enabled[number / 32] >> number % 32 & 1) != 0) {
        return "the trigger of an enabled interrupt was changed";
      }
    }
    configuration[which] = value;
  } else {
    return "a write to a register that is none: " + hex(offset);
  }
  return {};
}

std::uint32_t Fake_gic_v2::mmio_read32(std::uintptr_t address) {
  const auto offset = static_cast<std::uint32_t>(address & 0xffff);
  if (within(address, interface_base, interface_base + 0x2000)) {
    if (offset == 0x00c || offset == 0x018) {
      const std::uint32_t next = to_acknowledge.empty() ? 1023 : to_acknowledge.front();
      if (offset == 0x00c && !to_acknowledge.empty()) {
        to_acknowledge.pop_front();
      }
      return next;
    }
    return interface[offset];
  }
  if (offset == 0x000) {
    return control;
  }
  if (offset == 0x004) {
    return blocks - 1;
  }
  if (within(offset, 0x800, 0x820)) {
    return own_targets;
  }
  return bank.read(offset);
}

void Fake_gic_v2::mmio_write32(std::uintptr_t address, std::uint32_t value) {
  const auto offset = static_cast<std::uint32_t>(address & 0xffff);
  if (within(address, interface_base, interface_base + 0x2000)) {
    if (offset == 0x010) {
      ended.push_back(value);
    } else {
      interface[offset] = value;
    }
  } else if (offset == 0x000) {
    control = value;
  } else if (offset == 0xf00) {
    software_interrupts.push_back(value);
  } else {
    violation(bank.write(offset, value));
  }
}

void Fake_gic_v2::mmio_write8(std::uintptr_t address, std::uint8_t value) {
  const auto offset = static_cast<std::uint32_t>(address - distributor_base);
  if (within(offset, 0x820, 0xc00)) {
    targets[offset - 0x800] = value;
  } else {
    violation("a byte written where only words may be: " + hex(address));
  }
}

std::uint32_t Fake_gic_v3::mmio_read32(std::uintptr_t address) {
  if (within(address, distributor_base, distributor_base + 0x1'0000)) {
    const auto offset = static_cast<std::uint32_t>(address - distributor_base);
    if (offset == 0x0000) {
      const bool busy = stuck || pending_reads > 0;
      pending_reads -= pending_reads > 0 ? 1 : 0;
      return control | (busy ? 1U << 31 : 0U);
    }
    return offset == 0x0004 ? blocks - 1 : bank.read(offset);
  }
  auto found = redistributors.upper_bound(address);
  if (found == redistributors.begin() || address - std::prev(found)->first >= 0x2'0000) {
    violation("a read where nothing is: " + hex(address));
    return 0;
  }
  --found;
  Redistributor& redistributor = found->second;
  const auto offset = static_cast<std::uint32_t>(address - found->first);
  switch (offset) {
    case 0x0000: {
      const bool busy = redistributor.pending_reads > 0;
      redistributor.pending_reads -= busy ? 1 : 0;
      return busy ? 1U << 3 : 0U;
    }
    case 0x0008:
      return static_cast<std::uint32_t>(redistributor.type);
    case 0x000c:
      return static_cast<std::uint32_t>(redistributor.type >> 32);
    case 0x0014:
      if (redistributor.asleep) {
        return 1U << 1 | 1U << 2;
      }
      if (redistributor.waking_reads > 0) {
        --redistributor.waking_reads;
        return 1U << 2;
      }
      return 0;
    default:
      return redistributor.bank.read(offset - 0x1'0000);
  }
}

void Fake_gic_v3::mmio_write32(std::uintptr_t address, std::uint32_t value) {
  if (within(address, distributor_base, distributor_base + 0x1'0000)) {
    const auto offset = static_cast<std::uint32_t>(address - distributor_base);
    const bool disables = within(offset, 0x180, 0x200);
    // Several disabling writes may be waited for at once; anything else comes after the wait.
    if (pending_reads > 0 && (offset == 0x0000 || within(offset, 0xc00, 0xd00))) {
      violation("the distributor was written before an earlier write was in effect");
    }
    if (offset == 0x0000) {
      if (((control ^ value) & 1U << 4) != 0 && ((control | value) & 3) != 0) {
        violation("affinity routing changed while a group is on");
      }
      control = value;
      pending_reads = settling_reads;
    } else if (within(offset, 0x6000, 0x8000)) {
      routes[offset - 0x6000] = value;
    } else {
      violation(bank.write(offset, value));
      pending_reads = disables ? settling_reads : pending_reads;
    }
    return;
  }
  auto found = redistributors.upper_bound(address);
  if (found == redistributors.begin() || address - std::prev(found)->first >= 0x2'0000) {
    violation("a write where nothing is: " + hex(address));
    return;
  }
  --found;
  Redistributor& redistributor = found->second;
  const auto offset = static_cast<std::uint32_t>(address - found->first);
  if (offset == 0x0014) {
    redistributor.waking_reads = redistributor.asleep && (value & 1U << 1) == 0 ? settling_reads : 0;
    redistributor.asleep = (value & 1U << 1) != 0;
  } else if (redistributor.asleep || redistributor.waking_reads > 0) {
    violation("a sleeping redistributor was written");
  } else {
    if (redistributor.pending_reads > 0 && within(offset, 0x1'0c00, 0x1'0d00)) {
      violation("a trigger was changed before the interrupt was off");
    }
    violation(redistributor.bank.write(offset - 0x1'0000, value));
    redistributor.pending_reads = within(offset, 0x1'0180, 0x1'0200) ? settling_reads : redistributor.pending_reads;
  }
}

std::uint64_t Fake_gic_v3::gic_read(Gic_system_register which) {
  if (which == Gic_system_register::system_registers) {
    return system_registers_withheld ? 0 : system[which];
  }
  if (which == Gic_system_register::acknowledge || which == Gic_system_register::highest_pending) {
    const std::uint32_t next = to_acknowledge.empty() ? 1023 : to_acknowledge.front();
    if (which == Gic_system_register::acknowledge && !to_acknowledge.empty()) {
      to_acknowledge.pop_front();
    }
    return next;
  }
  return system[which];
}

void Fake_gic_v3::gic_write(Gic_system_register which, std::uint64_t value) {
  if (which != Gic_system_register::system_registers && (system[Gic_system_register::system_registers] & 1) == 0) {
    violation("a system register was written before they were turned on");
  }
  // Bits that say what there is are read-only.
  constexpr std::uint64_t fixed = 1ULL << 18 | 7ULL << 8;
  system[which] = which == Gic_system_register::control ? (system[which] & fixed) | (value & ~fixed) : value;
  system_writes.push_back({which, value});
}

}  // namespace enlighten::arch::test
