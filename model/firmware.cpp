// SPDX-License-Identifier: MIT
// Calls to the firmware that Xen plays: PSCI and the few other functions of SMCCC.
#include <abi/smccc.hpp>
#include <model/affinity.hpp>
#include <model/xen.hpp>

namespace enlighten::model {
namespace {

using abi::Psci_function;
using abi::Psci_result;

constexpr std::int64_t code(Psci_result result) {
  return static_cast<std::int64_t>(result);
}

// PSCI 0.1, whose numbers Xen's own device tree names ([xen] asm-arm/psci.h).
constexpr std::uint32_t cpu_off_0_1 = 1;
constexpr std::uint32_t cpu_on_0_1 = 2;

// A function of the 32-bit convention has arguments of 32 bits; Xen looked at 64 before 4.22.
constexpr bool is_narrow(std::uint32_t function) {
  return (function & 1U << 30) == 0;
}

constexpr std::uint32_t call_count = 3;

// A CPU_OFF that is so many nanoseconds old has been seen through by Xen.
constexpr std::uint64_t longest_in_flight = 1'000'000;

}  // namespace

// [xen] arm/vpsci.c, arm/vsmc.c.
Domain::Firmware_answer Domain::firmware_call(Vcpu_id self, std::uint32_t function,
                                              const std::array<std::uint64_t, 3>& arguments) {
  turns().step(nullptr);
  std::array<std::uint64_t, 3> given = arguments;
  if (is_narrow(function) && release() >= Release::v4_22) {
    for (std::uint64_t& argument : given) {
      argument = static_cast<std::uint32_t>(argument);
    }
  }
  const auto answer = [](std::int64_t value) { return Firmware_answer{{static_cast<std::uint64_t>(value)}}; };
  const auto [first, second, third] = given;
  switch (function) {
    case static_cast<std::uint32_t>(Psci_function::version):
      return answer(0x10001);
    case static_cast<std::uint32_t>(Psci_function::cpu_suspend):
    case static_cast<std::uint32_t>(Psci_function::cpu_suspend_64): {
      xen_.processor().wait_for_interrupt();
      return answer(code(Psci_result::success));
    }
    case static_cast<std::uint32_t>(Psci_function::cpu_off):
    case cpu_off_0_1: {
      vcpus_[self.value()].off_since = xen_.processor().now();
      vcpus_[self.value()].down = true;
      Firmware_answer off = answer(code(Psci_result::success));
      off.turns_caller_off = true;
      return off;
    }
    case static_cast<std::uint32_t>(Psci_function::cpu_on):
    case static_cast<std::uint32_t>(Psci_function::cpu_on_64):
      return answer(cpu_on(first, second, third));
    case cpu_on_0_1: {
      const std::int64_t result = cpu_on(first, second, 0);
      const bool unknown_to_0_1 =
          result == code(Psci_result::already_on) || result == code(Psci_result::invalid_address);
      return answer(unknown_to_0_1 ? code(Psci_result::invalid_parameters) : result);
    }
    case static_cast<std::uint32_t>(Psci_function::affinity_info):
    case static_cast<std::uint32_t>(Psci_function::affinity_info_64):
      return answer(affinity_info(first, second));
    case static_cast<std::uint32_t>(Psci_function::migrate_info_type):
      return answer(static_cast<std::int64_t>(abi::Psci_migrate_type::not_required));
    case static_cast<std::uint32_t>(Psci_function::system_off):
      shut_down(static_cast<std::uint32_t>(abi::Shutdown_reason::poweroff));
      return answer(code(Psci_result::internal_failure));
    case static_cast<std::uint32_t>(Psci_function::system_reset):
      shut_down(static_cast<std::uint32_t>(abi::Shutdown_reason::reboot));
      return answer(code(Psci_result::internal_failure));
    case static_cast<std::uint32_t>(Psci_function::system_suspend):
    case static_cast<std::uint32_t>(Psci_function::system_suspend_64):
      return answer(release() >= Release::v4_22 ? system_suspend(self, first) : code(Psci_result::not_supported));
    case static_cast<std::uint32_t>(Psci_function::features):
      return answer(features(static_cast<std::uint32_t>(first)));
    case static_cast<std::uint32_t>(abi::Smccc_function::version):
      return answer(release() >= Release::v4_18 ? 0x10002 : 0x10001);
    case static_cast<std::uint32_t>(abi::Smccc_function::hypervisor_call_count):
      return answer(call_count);
    case static_cast<std::uint32_t>(abi::Smccc_function::hypervisor_uid):
      return {{abi::smccc_xen_uid[0], abi::smccc_xen_uid[1], abi::smccc_xen_uid[2], abi::smccc_xen_uid[3]}};
    default:
      return answer(code(Psci_result::not_supported));
  }
}

std::int64_t Domain::features(std::uint32_t function) const {
  using enum Psci_function;
  switch (static_cast<Psci_function>(function)) {
    case version:
    case cpu_suspend:
    case cpu_suspend_64:
    case cpu_off:
    case cpu_on:
    case cpu_on_64:
    case affinity_info:
    case affinity_info_64:
    case migrate_info_type:
    case system_off:
    case system_reset:
    case Psci_function::features:
      return code(Psci_result::success);
    case system_suspend:
    case system_suspend_64:
      return code(release() >= Release::v4_22 ? Psci_result::success : Psci_result::not_supported);
    default:
      return code(function == static_cast<std::uint32_t>(abi::Smccc_function::version)
                      ? Psci_result::success
                      : Psci_result::not_supported);
  }
}

// [xen] arm/vpsci.c, since 4.22: whether the others are off is asked first. What resumes the domain is a toolstack.
std::int64_t Domain::system_suspend(Vcpu_id self, std::uint64_t entry) {
  for (std::uint32_t id = 0; id < vcpus(); ++id) {
    if (id != self.value() && !vcpus_[id].down.load()) {
      return code(Psci_result::denied);
    }
  }
  if (entry % 2 != 0) {
    return code(Psci_result::invalid_address);
  }
  shut_down(static_cast<std::uint32_t>(abi::Shutdown_reason::suspend));
  return code(Psci_result::success);
}

std::optional<Vcpu_id> Domain::vcpu_of(std::uint64_t affinity) const {
  constexpr std::uint64_t known_levels = 0xffff;
  if (!quirks().ignores_high_affinity && (affinity & ~known_levels) != 0) {
    return std::nullopt;
  }
  const std::uint64_t id = id_of(affinity);
  return id < vcpus() ? std::optional{Vcpu_id{static_cast<std::uint32_t>(id)}} : std::nullopt;
}

std::int64_t Domain::cpu_on(std::uint64_t target, std::uint64_t entry, std::uint64_t context) {
  const std::optional<Vcpu_id> vcpu = vcpu_of(target);
  if (!vcpu) {
    return code(Psci_result::invalid_parameters);
  }
  // A target in the 32-bit instruction set has an odd address; a 64-bit domain has none.
  if (entry % 2 != 0) {
    return code(Psci_result::invalid_address);
  }
  const Lock_guard guard{lock_, turns()};
  Vcpu_state& state = vcpus_[vcpu->value()];
  if (!state.down.load()) {
    return code(Psci_result::already_on);
  }
  // What was left pending from an earlier life is dropped.
  state.upcall_pending = false;
  state.upcall_arrives = Vcpu_state::never;
  if (gic_) {
    gic_->clear_pending(*vcpu);
  }
  // CPU_OFF has marked the vCPU as off and not yet stopped it: when it stops, its registers of then are saved over
  // those that CPU_ON has just set ([xen] arm/vpsci.c, do_psci_cpu_off).
  const std::uint64_t off_since = state.off_since.exchange(Vcpu_state::never);
  const bool meets_cpu_off = quirks().cpu_on_meets_cpu_off && off_since != Vcpu_state::never &&
                             xen_.processor().now() - off_since < longest_in_flight && xen_.processor().lingers();
  state.down = false;
  xen_.processor().start(*this, {*vcpu, entry, meets_cpu_off ? 0 : context});
  return code(Psci_result::success);
}

std::int64_t Domain::affinity_info(std::uint64_t target, std::uint64_t level) const {
  constexpr std::uint64_t highest_level = 3;
  if (level > highest_level) {
    return code(Psci_result::invalid_parameters);
  }
  if (!quirks().calls_absent_vcpus_off && level == 0 && !vcpu_of(target)) {
    return code(Psci_result::invalid_parameters);
  }
  for (std::uint32_t id = 0; id < vcpus(); ++id) {
    if ((affinity_of(Vcpu_id{id}).value() ^ target) >> 8U * level == 0 && !vcpus_[id].down.load()) {
      return static_cast<std::int64_t>(abi::Psci_affinity::on);
    }
  }
  return static_cast<std::int64_t>(abi::Psci_affinity::off);
}

}  // namespace enlighten::model
