// SPDX-License-Identifier: MIT
// The identities a guest deals in: each a type of its own, so that passing one for another does not compile.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>

namespace enlighten {
inline namespace base {

// An identity is compared and passed on; it is never added to. `Tag` only makes two of them different types.
template <typename Tag, std::unsigned_integral Representation>
class Identity {
 public:
  using representation = Representation;

  constexpr explicit Identity(Representation value) noexcept : value_{value} {}

  [[nodiscard]] constexpr Representation value() const noexcept { return value_; }

  friend constexpr bool operator==(Identity, Identity) noexcept = default;
  friend constexpr auto operator<=>(Identity, Identity) noexcept = default;

 private:
  Representation value_;
};

// Our own dense index of a CPU: 0 is the CPU that booted, whatever Xen calls it.
using Cpu = Identity<struct Cpu_tag, std::uint32_t>;

// The number Xen knows a vCPU by; the only one a hypercall takes.
using Vcpu_id = Identity<struct Vcpu_id_tag, std::uint32_t>;

// A processor's affinity: Aff3[39:32] Aff2[23:16] Aff1[15:8] Aff0[7:0], every other bit zero ([arm] MPIDR_EL1).
// This is also what PSCI calls a target CPU and what a device tree's cpu node has as its `reg`.
using Mpidr = Identity<struct Mpidr_tag, std::uint64_t>;

// The affinity bits of a raw MPIDR_EL1, which also holds RES1, U and MT.
[[nodiscard]] constexpr Mpidr mpidr_from_register(std::uint64_t raw) noexcept {
  return Mpidr{raw & 0xff'00ff'ffffULL};
}

// A local event-channel port; 0 is never bound ([xen] event_channel.h).
using Port = Identity<struct Port_tag, std::uint32_t>;

using Domain_id = Identity<struct Domain_id_tag, std::uint16_t>;

using Grant_ref = Identity<struct Grant_ref_tag, std::uint32_t>;

// A virtual interrupt of Xen's: VIRQ_* ([xen] xen.h).
using Virq = Identity<struct Virq_tag, std::uint32_t>;

// An interrupt as the GIC numbers it (INTID): 0 to 15 SGI, 16 to 31 PPI, from 32 SPI.
using Interrupt = Identity<struct Interrupt_tag, std::uint32_t>;

}  // namespace base
}  // namespace enlighten
