// SPDX-License-Identifier: MIT
// Hypercalls as they are, with typed arguments and nothing added: what comes back is what Xen said.
#pragma once

#include <cstdint>
#include <type_traits>

#include <abi/console_io.hpp>
#include <abi/domain_id.hpp>
#include <abi/event_channel.hpp>
#include <abi/grant_table.hpp>
#include <abi/hvm_op.hpp>
#include <abi/hypercall.hpp>
#include <abi/memory_op.hpp>
#include <abi/psci.hpp>
#include <abi/sched_op.hpp>
#include <abi/smccc.hpp>
#include <abi/vcpu_op.hpp>
#include <abi/vm_assist.hpp>
#include <abi/xen_version.hpp>
#include <arch/hypercall.hpp>
#include <arch/smccc.hpp>

namespace enlighten::conformance {

// No vCPU, domain or port of ours has these; the port lies beyond what Xen has allocated, whatever that is.
inline constexpr Vcpu_id no_vcpu{99};
inline constexpr Domain_id no_domain{99};
inline constexpr Port no_port{5000};
// No program has a page here.
inline constexpr std::uint64_t nowhere = 0x10;
// The vCPU that cases run on.
inline constexpr Vcpu_id self{0};

// Of a structure: what Xen is given for it.
template <typename T>
[[nodiscard]] std::uint64_t address_of(T& object) noexcept {
  return reinterpret_cast<std::uintptr_t>(&object);
}
[[nodiscard]] inline abi::Gfn frame_of(const void* page) noexcept {
  return abi::gfn_of(reinterpret_cast<std::uintptr_t>(page));
}

// An operation by name, or by a number that has none.
template <typename Operation>
concept Operation_of_xen = std::is_enum_v<Operation> || std::is_integral_v<Operation>;

template <Operation_of_xen Operation>
[[nodiscard]] std::int64_t xen_version(Operation operation, std::uint64_t argument = 0) noexcept {
  return arch::hypercall(abi::Hypercall::xen_version, static_cast<std::uint64_t>(operation), argument);
}

template <Operation_of_xen Operation>
[[nodiscard]] std::int64_t vcpu_op(Operation operation, Vcpu_id vcpu, std::uint64_t argument) noexcept {
  return arch::hypercall(abi::Hypercall::vcpu_op, static_cast<std::uint64_t>(operation), vcpu.value(), argument);
}

template <typename Argument>
[[nodiscard]] std::int64_t event_channel(abi::Event_channel_op operation, Argument&& argument) noexcept {
  return arch::hypercall(abi::Hypercall::event_channel_op, static_cast<std::uint64_t>(operation),
                         address_of(argument));
}

template <typename Argument>
[[nodiscard]] std::int64_t memory_op(abi::Memory_op operation, Argument&& argument) noexcept {
  return arch::hypercall(abi::Hypercall::memory_op, static_cast<std::uint64_t>(operation), address_of(argument));
}

// `argument` is one structure of what may be a list.
template <typename Argument>
[[nodiscard]] std::int64_t grant_table_op(abi::Grant_table_op operation, Argument&& argument,
                                          std::uint64_t count = 1) noexcept {
  return arch::hypercall(abi::Hypercall::grant_table_op, static_cast<std::uint64_t>(operation),
                         address_of(argument), count);
}

template <typename Argument>
[[nodiscard]] std::int64_t sched_op(abi::Sched_op operation, Argument&& argument) noexcept {
  return arch::hypercall(abi::Hypercall::sched_op, static_cast<std::uint64_t>(operation), address_of(argument));
}

template <typename Argument>
[[nodiscard]] std::int64_t hvm_op(abi::Hvm_op operation, Argument&& argument) noexcept {
  return arch::hypercall(abi::Hypercall::hvm_op, static_cast<std::uint64_t>(operation), address_of(argument));
}

// A call to firmware, which Xen is for its guests; results of the 32-bit convention.
template <Operation_of_xen Function>
[[nodiscard]] std::int64_t firmware(Function function, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                                    std::uint64_t a3 = 0) noexcept {
  const arch::Smccc_result result =
      arch::smccc(arch::Conduit::hvc, static_cast<std::uint32_t>(function), a1, a2, a3);
  return static_cast<std::int32_t>(result.x0);
}

}  // namespace enlighten::conformance
