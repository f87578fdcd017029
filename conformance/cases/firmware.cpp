// SPDX-License-Identifier: MIT
// Xen as the firmware of its guests: SMCCC and PSCI.
#include <abi/psci.hpp>
#include <abi/smccc.hpp>
#include <conformance/calls.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Psci_affinity;
using abi::Psci_function;
using abi::Psci_result;
using abi::Smccc_function;

constexpr std::uint64_t context = 0x1234'5678'9abc'def0;
constexpr std::uint64_t no_cpu = 0x900;  // the affinity of vCPU 144

[[nodiscard]] std::int64_t affinity_info(std::uint64_t target, std::uint64_t level = 0) noexcept {
  return firmware(Psci_function::affinity_info_64, target, level);
}

void smccc(Bench& bench) {
  bench.check_bits("version", static_cast<std::uint64_t>(firmware(Smccc_function::version)),
                   Expected{0x10001}.since(4, 18, 0x10002));
}

void smccc_features(Bench& bench) {
  bench.check("of the version", firmware(Smccc_function::arch_features, 0x80000000), -1);
  bench.check("of themselves", firmware(Smccc_function::arch_features, 0x80000001), -1);
  bench.check("of something else", firmware(Smccc_function::arch_features, 0x8000fff0), -1);
}

void xen_services(Bench& bench) {
  const arch::Smccc_result uid =
      arch::smccc(arch::Conduit::hvc, static_cast<std::uint32_t>(Smccc_function::hypervisor_uid));
  bench.check_bits("UID, word 0", uid.x0, abi::smccc_xen_uid[0]);
  bench.check_bits("UID, word 1", uid.x1, abi::smccc_xen_uid[1]);
  bench.check_bits("UID, word 2", uid.x2, abi::smccc_xen_uid[2]);
  bench.check_bits("UID, word 3", uid.x3, abi::smccc_xen_uid[3]);
  bench.check("functions", firmware(Smccc_function::hypervisor_call_count), 3);
}

void unknown_functions(Bench& bench) {
  bench.check("a function of the processor's maker", firmware(0x81000000U), -1);
  bench.check("a function of the machine's maker", firmware(0x83000000U), -1);
  bench.check("a hypervisor's function without a meaning", firmware(0x86000005U), -1);
  const arch::Smccc_result wide = arch::smccc(arch::Conduit::hvc, 0xc600'0005);
  bench.check("the same, 64 bits wide", static_cast<std::int64_t>(wide.x0), -1);
}

void by_smc(Bench& bench) {
  const auto ask = [](arch::Conduit conduit, Psci_function function) {
    return static_cast<std::int32_t>(arch::smccc(conduit, static_cast<std::uint32_t>(function)).x0);
  };
  bench.check_bits("PSCI version by HVC",
                   static_cast<std::uint64_t>(ask(arch::Conduit::hvc, Psci_function::version)), 0x10001);
  bench.check_bits("PSCI version by SMC",
                   static_cast<std::uint64_t>(ask(arch::Conduit::smc, Psci_function::version)), 0x10001);
}

void features(Bench& bench) {
  const auto has = [](auto function) {
    return firmware(Psci_function::features, static_cast<std::uint64_t>(static_cast<std::uint32_t>(function)));
  };
  for (const Psci_function there :
       {Psci_function::version, Psci_function::cpu_off, Psci_function::cpu_on, Psci_function::cpu_on_64,
        Psci_function::cpu_suspend, Psci_function::cpu_suspend_64, Psci_function::affinity_info,
        Psci_function::affinity_info_64, Psci_function::migrate_info_type, Psci_function::system_off,
        Psci_function::system_reset, Psci_function::features}) {
    bench.check("there", has(there), 0);
  }
  bench.check("SMCCC_VERSION", has(Smccc_function::version), 0);
  for (const Psci_function absent :
       {Psci_function::cpu_freeze, Psci_function::cpu_default_suspend, Psci_function::node_hw_state,
        Psci_function::set_suspend_mode, Psci_function::stat_residency, Psci_function::stat_count,
        Psci_function::system_reset2, Psci_function::migrate, Psci_function::migrate_info_up_cpu}) {
    bench.check("absent", has(absent), number(Psci_result::not_supported));
  }
  bench.check("SYSTEM_SUSPEND", has(Psci_function::system_suspend_64), Expected{-1}.since(4, 22, 0));
  bench.check("MIGRATE_INFO_TYPE", firmware(Psci_function::migrate_info_type),
              number(abi::Psci_migrate_type::not_required));
  bench.check("SYSTEM_RESET2", firmware(Psci_function::system_reset2, 0, 0), number(Psci_result::not_supported));
}

void cpu_on_refusals(Bench& bench) {
  const std::uint64_t entry = bench.machine().sleeper();
  bench.check("of the caller", firmware(Psci_function::cpu_on_64, 0, entry, 0), number(Psci_result::already_on));
  bench.check("of affinity 0x63", firmware(Psci_function::cpu_on_64, 0x63, entry, 0),
              number(Psci_result::invalid_parameters));
  bench.check("of affinity 0x900", firmware(Psci_function::cpu_on_64, no_cpu, entry, 0),
              number(Psci_result::invalid_parameters));
  bench.check("at an odd address", firmware(Psci_function::cpu_on_64, 1, entry + 1, 0),
              number(Psci_result::invalid_address));
  bench.check("vCPU 1 is", affinity_info(1), number(Psci_affinity::off));
}

void cpu_on(Bench& bench) {
  const std::uint64_t entry = bench.machine().sleeper();
  constexpr Vcpu_id vcpu{1};
  bench.check("AFFINITY_INFO before", affinity_info(1), number(Psci_affinity::off));
  bench.check("CPU_ON", firmware(Psci_function::cpu_on_64, 1, entry, context), 0);
  const std::optional<std::uint64_t> given = bench.machine().awake(vcpu);
  bench.check_that("it runs", given.has_value());
  bench.check_bits("its context", given.value_or(0), context);
  bench.check("AFFINITY_INFO", affinity_info(1), number(Psci_affinity::on));
  bench.check("CPU_ON again", firmware(Psci_function::cpu_on_64, 1, entry, 0), number(Psci_result::already_on));
  bench.machine().dismiss(vcpu);
  bench.check("AFFINITY_INFO after CPU_OFF", affinity_info(1), number(Psci_affinity::off));
}

void cpu_on_again(Bench& bench) {
  constexpr Vcpu_id vcpu{2};
  for (std::uint64_t round = 1; round <= 2; ++round) {
    const std::uint64_t entry = bench.machine().sleeper();
    bench.check("CPU_ON", firmware(Psci_function::cpu_on_64, vcpu.value(), entry, round), 0);
    bench.check("its context", static_cast<std::int64_t>(bench.machine().awake(vcpu).value_or(0)), round);
    bench.machine().dismiss(vcpu);
  }
}

void cpu_on_32(Bench& bench) {
  const std::uint64_t entry = bench.machine().sleeper();
  constexpr Vcpu_id vcpu{3};
  bench.check("CPU_ON", firmware(Psci_function::cpu_on, 3, entry, 7), 0);
  bench.check("its context", static_cast<std::int64_t>(bench.machine().awake(vcpu).value_or(0)), 7);
  bench.machine().dismiss(vcpu);
}

void affinities(Bench& bench) {
  bench.check("the caller", affinity_info(0), number(Psci_affinity::on));
  bench.check("vCPU 1", affinity_info(1), number(Psci_affinity::off));
  bench.check("level 1", affinity_info(0, 1), number(Psci_affinity::on));
  bench.check("level 4", affinity_info(0, 4), number(Psci_result::invalid_parameters));
}

void affinity_of_nobody(Bench& bench) {
  bench.check("affinity 0x900", affinity_info(no_cpu), number(Psci_affinity::off));
}

void high_affinity(Bench& bench) {
  const std::uint64_t entry = bench.machine().sleeper();
  constexpr Vcpu_id vcpu{1};
  bench.check("CPU_ON of 0x10001", firmware(Psci_function::cpu_on_64, 0x10001, entry, context), 0);
  const std::optional<std::uint64_t> given = bench.machine().awake(vcpu);
  bench.check_that("vCPU 1 runs", given.has_value());
  if (given) {
    bench.machine().dismiss(vcpu);
  }
}

void suspend(Bench& bench) {
  const std::uint64_t entry = bench.machine().sleeper();
  constexpr Vcpu_id vcpu{1};
  bench.check("CPU_ON", firmware(Psci_function::cpu_on_64, 1, entry, 0), 0);
  bench.check_that("it runs", bench.machine().awake(vcpu).has_value());
  bench.check("SYSTEM_SUSPEND while it runs", firmware(Psci_function::system_suspend_64, entry, 0),
              Expected{-1}.since(4, 22, number(Psci_result::denied)));
  bench.machine().dismiss(vcpu);
  bench.check("SYSTEM_SUSPEND with an odd address", firmware(Psci_function::system_suspend_64, entry + 1, 0),
              Expected{-1}.since(4, 22, number(Psci_result::invalid_address)));
}

void cpu_on_at_once(Bench& bench) {
  constexpr std::uint32_t rounds = 1000;
  constexpr Vcpu_id vcpu{1};
  std::uint32_t started = 0;
  std::uint32_t ran = 0;
  std::uint32_t lost = 0;
  const std::uint64_t entry = bench.machine().sleeper();
  bench.machine().let_go(vcpu);
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    std::int64_t result = number(Psci_result::already_on);
    while (result == number(Psci_result::already_on)) {
      result = firmware(Psci_function::cpu_on_64, vcpu.value(), entry, context + round);
    }
    started += result == 0 ? 1U : 0U;
    const std::optional<std::uint64_t> given = bench.machine().awake(vcpu);
    ran += given ? 1U : 0U;
    lost += given && *given != context + round ? 1U : 0U;
    bench.machine().forget(vcpu);
  }
  bench.machine().dismiss(vcpu);
  bench.check("CPU_ON, as soon as it is not ALREADY_ON, succeeds", started, rounds);
  bench.check("the vCPU runs", ran, rounds);
  bench.tell("contexts that were lost", lost, rounds);
}

constexpr Case cases[] = {
    {"SMCCC is 1.1, and 1.2 since 4.18", "SMCCC_VERSION ([smccc] 7.2)", smccc},
    {"SMCCC_ARCH_FEATURES knows neither SMCCC_VERSION nor itself",
     "SMCCC_ARCH_FEATURES: 0 or more for a function that is implemented ([smccc] 7.3)", smccc_features,
     "both functions are there, and called absent"},
    {"Xen names itself among hypervisors",
     "The UID and the number of functions of the hypervisor's service "
     "([smccc] 6.2; [xen] arch-arm/smccc.h)",
     xen_services},
    {"a function that nobody has is -1", "Unknown Function Identifier ([smccc] 5.2)", unknown_functions},
    {"firmware is called by HVC or by SMC", "Both conduits lead to Xen ([xen] arm/vsmc.c)", by_smc},
    {"PSCI is 1.1 with what a guest needs of it", "PSCI_FEATURES ([psci] 5.15); SYSTEM_SUSPEND since 4.22",
     features},
    {"CPU_ON is refused for whoever runs, for nobody, and at an address that cannot be",
     "ALREADY_ON, INVALID_PARAMETERS, INVALID_ADDRESS ([psci] 5.6)", cpu_on_refusals},
    {"CPU_ON starts a vCPU with its context, and CPU_OFF ends it",
     "The context is in the first register "
     "([psci] 5.5, 5.6, 5.7)",
     cpu_on},
    {"a vCPU that went off can be turned on again", "CPU_OFF powers down, CPU_ON up ([psci] 5.5, 5.6)",
     cpu_on_again},
    {"a vCPU that is turned on at the moment it goes off runs",
     "CPU_ON: the context is in the first register ([psci] 5.6)", cpu_on_at_once,
     "CPU_ON right after CPU_OFF may start a vCPU with registers of its previous life"},
    {"CPU_ON of the 32-bit convention does the same", "0x84000003 is CPU_ON for 32-bit arguments ([psci] 5.1.4)",
     cpu_on_32},
    {"AFFINITY_INFO tells who is on, at levels 0 to 3", "ON is 0, OFF is 1 ([psci] 5.7)", affinities},
    {"AFFINITY_INFO calls what does not exist off", "INVALID_PARAMETERS for an invalid target ([psci] 5.7.3)",
     affinity_of_nobody, "the answer is OFF instead of INVALID_PARAMETERS"},
    {"CPU_ON looks at Aff0 and Aff1 only", "A target is an MPIDR; INVALID_PARAMETERS if there is none ([psci] 5.6)",
     high_affinity, "CPU_ON of 0x10001, which nobody is, starts vCPU 1"},
    {"SYSTEM_SUSPEND is absent, and since 4.22 wants the others off and a proper address",
     "DENIED, INVALID_ADDRESS ([psci] 5.20)", suspend},
};

}  // namespace

constinit const Subject firmware_subject{"firmware", cases};

}  // namespace enlighten::conformance
