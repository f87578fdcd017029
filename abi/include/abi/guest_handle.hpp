// SPDX-License-Identifier: MIT
// A guest virtual address inside an argument of a hypercall: XEN_GUEST_HANDLE ([xen] arch-arm.h).
#pragma once

#include <cstdint>

namespace enlighten::abi {

// Eight bytes on both instruction sets; on 32-bit Arm the upper half is zero, as Xen requires.
template <typename T>
class alignas(8) Guest_handle {
 public:
  constexpr Guest_handle() noexcept = default;
  explicit Guest_handle(T* object) noexcept : address_{reinterpret_cast<std::uintptr_t>(object)} {}

  [[nodiscard]] constexpr std::uint64_t address() const noexcept { return address_; }

 private:
  std::uint64_t address_ = 0;
};

static_assert(sizeof(Guest_handle<void>) == 8);
static_assert(alignof(Guest_handle<void>) == 8);

}  // namespace enlighten::abi
