// SPDX-License-Identifier: MIT
// What the toolstack left for a guest to find: HVMOP_*, HVM_PARAM_* ([xen] hvm/hvm_op.h, hvm/params.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include <base/ids.hpp>

namespace enlighten::abi {

enum class Hvm_op : std::uint32_t {
  set_param = 0,
  get_param = 1,
  guest_request_vm_event = 24,
};

// Those a guest on Arm may read.
enum class Hvm_param : std::uint32_t {
  callback_irq = 0,
  store_pfn = 1,
  store_evtchn = 2,
  console_pfn = 17,
  console_evtchn = 18,
};

struct Xen_hvm_param {
  Domain_id domid;
  std::uint16_t pad = 0;
  Hvm_param index;
  std::uint64_t value = 0;  // in for set_param, out for get_param
};
static_assert(sizeof(Xen_hvm_param) == 16);
static_assert(offsetof(Xen_hvm_param, index) == 4);
static_assert(offsetof(Xen_hvm_param, value) == 8);

// The value of Hvm_param::callback_irq: by which interrupt Xen says that events are pending.
class Callback_irq {
 public:
  enum class Type : std::uint8_t {
    gsi = 0,
    pci_intx = 1,
    ppi = 2,
  };

  constexpr explicit Callback_irq(std::uint64_t value) noexcept : value_{value} {}

  [[nodiscard]] constexpr Type type() const noexcept { return static_cast<Type>(value_ >> 56); }
  // These hold for Type::ppi.
  [[nodiscard]] constexpr Interrupt interrupt() const noexcept {
    return Interrupt{static_cast<std::uint32_t>(value_ & 0xff)};
  }
  [[nodiscard]] constexpr bool is_edge() const noexcept { return (value_ & std::uint64_t{1} << 8) != 0; }
  [[nodiscard]] constexpr bool is_active_low() const noexcept { return (value_ & std::uint64_t{1} << 9) != 0; }

 private:
  std::uint64_t value_;
};

}  // namespace enlighten::abi
