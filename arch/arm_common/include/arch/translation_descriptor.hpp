// SPDX-License-Identifier: MIT
// One entry of a stage 1 translation table: VMSAv8-64, 4 KiB granule, which is also LPAE's long descriptor.
#pragma once

#include <cstdint>

namespace enlighten::arch {

// What a range of memory is for. No kind is writable and executable, so no mapping can be.
enum class Memory_kind : std::uint8_t {
  code,       // read, execute
  read_only,  // read; also a grant that Xen gave read-only: a store through one would hang the vCPU in Xen
  data,       // read, write
  device,     // read, write; Device-nGnRE: not gathered, not reordered, a write may be acknowledged early
};

// Bits are [arm] D8.3.1 "VMSAv8-64 descriptor formats" and D8.3.2 for stage 1, one translation regime with EL0.
class Descriptor {
 public:
  enum class Bit : std::uint64_t {
    valid = 1ULL << 0,                // 0     else the whole entry is ignored by hardware
    table_or_page = 1ULL << 1,        // 1     level 0 to 2: 1 table, 0 block; level 3: must be 1
    attribute_index = 7ULL << 2,      // 4:2   AttrIndx, a byte of MAIR
    non_secure = 1ULL << 5,           // 5     NS, ignored outside Secure state
    el0_access = 1ULL << 6,           // 6     AP[1]
    no_write = 1ULL << 7,             // 7     AP[2]
    shareability = 3ULL << 8,         // 9:8   SH: 0 none, 2 outer, 3 inner
    access_flag = 1ULL << 10,         // 10    AF: 0 faults on the first access
    not_global = 1ULL << 11,          // 11    nG: cached under the current ASID only
    privileged_never = 1ULL << 53,    // 53  PXN
    unprivileged_never = 1ULL << 54,  // 54  UXN; XN in LPAE
  };
  static constexpr std::uint64_t address_mask = 0x0000'ffff'ffff'f000ULL;  // 47:12

  // MAIR, one byte an index ([arm] D19.2 MAIR_EL1). Xen wants what it shares with guests to be Normal, inner and
  // outer write-back, inner shareable ([xen] arch-arm.h).
  static constexpr std::uint64_t normal_index = 0;
  static constexpr std::uint64_t device_index = 1;
  static constexpr std::uint64_t memory_attributes = 0xffULL
                                                         << (8 * normal_index)  // write-back, read/write-allocate
                                                     | 0x04ULL << (8 * device_index);  // Device-nGnRE

  constexpr explicit Descriptor(std::uint64_t raw) noexcept : raw_{raw} {}

  [[nodiscard]] static constexpr Descriptor invalid() noexcept { return Descriptor{0}; }

  // The restrictions a table entry can put on everything below it (bits 63:59) stay clear.
  [[nodiscard]] static constexpr Descriptor table(std::uint64_t address) noexcept {
    return Descriptor{address | mask(Bit::valid) | mask(Bit::table_or_page)};
  }

  enum class Scope : std::uint8_t { global, address_space };

  // A page when `level` is 3, else a block.
  [[nodiscard]] static constexpr Descriptor leaf(std::uint64_t address, unsigned level, Memory_kind kind,
                                                 Scope scope) noexcept {
    std::uint64_t raw = address | mask(Bit::valid) | mask(Bit::access_flag) | mask(Bit::unprivileged_never);
    if (level == 3) {
      raw |= mask(Bit::table_or_page);
    }
    if (scope == Scope::address_space) {
      raw |= mask(Bit::not_global);
    }
    if (kind == Memory_kind::device) {
      raw |= device_index << 2;
    } else {
      // Device memory is outer shareable whatever SH says ([arm] D8.5.2); for Normal memory it decides.
      raw |= normal_index << 2 | mask(Bit::shareability);
    }
    if (kind == Memory_kind::code || kind == Memory_kind::read_only) {
      raw |= mask(Bit::no_write);
    }
    if (kind != Memory_kind::code) {
      raw |= mask(Bit::privileged_never);
    }
    return Descriptor{raw};
  }

  [[nodiscard]] constexpr std::uint64_t raw() const noexcept { return raw_; }
  [[nodiscard]] constexpr bool has(Bit bit) const noexcept { return (raw_ & mask(bit)) != 0; }
  [[nodiscard]] constexpr bool valid() const noexcept { return has(Bit::valid); }
  [[nodiscard]] constexpr bool is_table(unsigned level) const noexcept {
    return valid() && level < 3 && has(Bit::table_or_page);
  }
  [[nodiscard]] constexpr std::uint64_t address() const noexcept { return raw_ & address_mask; }
  [[nodiscard]] constexpr bool is_device() const noexcept {
    return (raw_ & mask(Bit::attribute_index)) == device_index << 2;
  }
  [[nodiscard]] constexpr Scope scope() const noexcept {
    return has(Bit::not_global) ? Scope::address_space : Scope::global;
  }
  [[nodiscard]] constexpr Memory_kind kind() const noexcept {
    if (is_device()) {
      return Memory_kind::device;
    }
    if (!has(Bit::no_write)) {
      return Memory_kind::data;
    }
    return has(Bit::privileged_never) ? Memory_kind::read_only : Memory_kind::code;
  }

 private:
  static constexpr std::uint64_t mask(Bit bit) noexcept { return static_cast<std::uint64_t>(bit); }

  std::uint64_t raw_;
};

static_assert(sizeof(Descriptor) == 8);

}  // namespace enlighten::arch
