// SPDX-License-Identifier: MIT
// The virtual interrupts a domain can bind a port to: VIRQ_* ([xen] xen.h).
#pragma once

#include <cstdint>

#include <base/ids.hpp>

namespace enlighten::abi {

inline constexpr Virq virq_timer{0};  // never raised on Arm: there is no set_timer_op to ask for it
inline constexpr Virq virq_debug{1};
inline constexpr Virq virq_console{2};
inline constexpr Virq virq_domain_exception{3};
inline constexpr Virq virq_trace_buffer{4};
inline constexpr Virq virq_debugger{6};
inline constexpr Virq virq_xenoprof{7};
inline constexpr Virq virq_console_ring{8};
inline constexpr Virq virq_pcpu_state{9};
inline constexpr Virq virq_memory_event{10};
inline constexpr Virq virq_argo{11};
inline constexpr Virq virq_no_memory{12};
inline constexpr Virq virq_xen_pmu{13};
inline constexpr Virq virq_arch_0{16};  // to virq_arch_0 + 7
inline constexpr std::uint32_t virq_limit = 24;

// A per-vCPU one is bound once on each vCPU and its port cannot be moved; of the others a domain has one, born on
// vCPU 0.
[[nodiscard]] constexpr bool is_per_vcpu(Virq virq) noexcept {
  return virq == virq_timer || virq == virq_debug || virq == virq_xenoprof || virq == virq_xen_pmu;
}

}  // namespace enlighten::abi
