// SPDX-License-Identifier: MIT
// PSCI's calls and the words for their refusals.
#include <arch/psci.hpp>

#include <arch/barriers.hpp>
#include <arch/smccc.hpp>

namespace enlighten::arch {
namespace {

using abi::Psci_function;
using abi::Psci_result;

// Functions that take an address or an affinity exist once for each register width ([smccc] 2.5).
constexpr bool wide = sizeof(std::uintptr_t) == 8;

[[nodiscard]] constexpr std::uint32_t id(Psci_function function) noexcept {
  return static_cast<std::uint32_t>(function);
}

[[nodiscard]] Error refusal(std::int32_t result, const char* call) noexcept {
  return Error::numbered(Error_kind::firmware, result, "PSCI %s: %s", call,
                         abi::psci_result_name(static_cast<Psci_result>(result)));
}

[[nodiscard]] Error refusal(std::int32_t result, const char* call, Mpidr target) noexcept {
  return Error::numbered(Error_kind::firmware, result, "PSCI %s of the CPU with affinity %#llx: %s", call,
                         static_cast<unsigned long long>(target.value()),
                         abi::psci_result_name(static_cast<Psci_result>(result)));
}

[[nodiscard]] Error too_old(const char* call) noexcept {
  return Error::make(Error_kind::unsupported, "PSCI 0.1 has no %s", call);
}

}  // namespace

Psci::Psci(Conduit conduit) noexcept
    : cpu_off_{id(Psci_function::cpu_off)},
      cpu_on_{id(wide ? Psci_function::cpu_on_64 : Psci_function::cpu_on)},
      conduit_{conduit},
      version_0_1_{false} {}

Psci::Psci(Conduit conduit, Psci_0_1_functions functions) noexcept
    : cpu_off_{functions.cpu_off}, cpu_on_{functions.cpu_on}, conduit_{conduit}, version_0_1_{true} {}

// Results are 32 bits wide; what stands above them is not promised ([psci] 5.2.2).
std::int32_t Psci::call(std::uint32_t function, std::uint64_t a1, std::uint64_t a2,
                        std::uint64_t a3) const noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(smccc(conduit_, function, a1, a2, a3).x0));
}

Result<Psci_version> Psci::version() const noexcept {
  if (version_0_1_) {
    return Psci_version{0, 1};
  }
  const std::int32_t result = call(id(Psci_function::version));
  if (result < 0) {
    return refusal(result, "PSCI_VERSION");
  }
  return Psci_version{static_cast<std::uint16_t>(result >> 16), static_cast<std::uint16_t>(result & 0xffff)};
}

Result<bool> Psci::has(Psci_function function) const noexcept {
  const Psci_version present = ENLIGHTEN_TRY(version());
  if (present < Psci_version{1, 0}) {
    return Error::make(Error_kind::unsupported, "PSCI %u.%u has no PSCI_FEATURES", unsigned{present.major},
                       unsigned{present.minor});
  }
  return call(id(Psci_function::features), id(function)) >= 0;
}

Result<> Psci::cpu_on(Mpidr target, std::uint64_t entry, std::uint64_t context) const noexcept {
  // What the new CPU will read was stored by this one, and no word passes between the two that an acquire could
  // pair with: the stores must be visible before the call that lets it run.
  store_barrier();
  const std::int32_t result = call(cpu_on_, target.value(), entry, context);
  if (result != 0) {
    return refusal(result, "CPU_ON", target);
  }
  return {};
}

Error Psci::cpu_off() const noexcept {
  // The power state of 0.1; later versions take no argument and ignore it.
  return refusal(call(cpu_off_), "CPU_OFF");
}

Result<Cpu_power> Psci::cpu_power(Mpidr target) const noexcept {
  if (version_0_1_) {
    return too_old("AFFINITY_INFO");
  }
  constexpr std::uint64_t lowest_level = 0;
  const std::int32_t result =
      call(id(wide ? Psci_function::affinity_info_64 : Psci_function::affinity_info), target.value(), lowest_level);
  switch (static_cast<abi::Psci_affinity>(result)) {
    case abi::Psci_affinity::on:
      return Cpu_power::on;
    case abi::Psci_affinity::off:
      return Cpu_power::off;
    case abi::Psci_affinity::on_pending:
      return Cpu_power::coming_on;
  }
  return refusal(result, "AFFINITY_INFO", target);
}

Error Psci::final_call(Psci_function function, const char* name) const noexcept {
  return version_0_1_ ? too_old(name) : refusal(call(id(function)), name);
}

Error Psci::system_off() const noexcept {
  return final_call(Psci_function::system_off, "SYSTEM_OFF");
}

Error Psci::system_reset() const noexcept {
  return final_call(Psci_function::system_reset, "SYSTEM_RESET");
}

}  // namespace enlighten::arch
