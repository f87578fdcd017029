// SPDX-License-Identifier: MIT
// Which hypercalls there are on Arm, and several of them in one.
#include <abi/multicall.hpp>
#include <conformance/calls.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Hypercall;

[[nodiscard]] std::int64_t call(std::uint64_t number, std::uint64_t a0 = ~std::uint64_t{0}, std::uint64_t a1 = 0,
                                std::uint64_t a2 = 0) noexcept {
  return arch::hypercall(static_cast<Hypercall>(number), a0, a1, a2);
}

[[nodiscard]] std::int64_t call(Hypercall which, std::uint64_t a0, std::uint64_t a1 = 0) noexcept {
  return arch::hypercall(which, a0, a1, 0);
}

void absent_numbers(Bench& bench) {
  constexpr std::uint64_t unused[] = {0,  1,  2,  3,  4,  5,  6,  8,  9,  10, 11,
                                      14, 16, 19, 22, 23, 25, 26, 28, 30, 31, 38};
  std::int64_t refusals = 0;
  for (const std::uint64_t one : unused) {
    refusals += call(one) == -Errno::enosys ? 1 : 0;
  }
  bench.check("of 22 numbers, refused", refusals, 22);
  bench.check("set_timer_op", call(Hypercall::set_timer_op, 0), -Errno::enosys);
  bench.check("kexec_op", call(Hypercall::kexec_op, 0), -Errno::enosys);
  bench.check("argo_op", call(Hypercall::argo_op, 0), -Errno::enosys);
  bench.check("xenpmu_op", call(Hypercall::xenpmu_op, 0), -Errno::enosys);
  bench.check("dm_op", call(Hypercall::dm_op, 0), -Errno::enosys);
}

void beyond_the_table(Bench& bench) {
  bench.check("43", call(43), -Errno::enosys);
  bench.check("63", call(63), -Errno::enosys);
  bench.check("1000", call(1000), -Errno::enosys);
  bench.check("xen_version with bit 32 set", call(0x1'0000'0011), -Errno::enosys);
  bench.check("xen_version with bit 63 set", call(std::uint64_t{1} << 63 | 17), -Errno::enosys);
}

void privileged(Bench& bench) {
  bench.check("platform_op", call(Hypercall::platform_op, nowhere), -Errno::efault);
  bench.check("sysctl", call(Hypercall::sysctl, nowhere), -Errno::efault);
  bench.check("domctl", call(Hypercall::domctl, nowhere), -Errno::efault);
  bench.check("hypfs_op", call(Hypercall::hypfs_op, 0), -Errno::eperm);
  bench.check("xsm_op", call(Hypercall::xsm_op, nowhere), -Errno::enosys);
  bench.check("physdev_op", call(Hypercall::physdev_op, 99, nowhere), -Errno::enosys);
}

void multicall(Bench& bench) {
  const std::int64_t version = xen_version(abi::Xen_version_op::version);
  abi::Multicall_entry calls[3];
  calls[0].op = static_cast<std::uint64_t>(Hypercall::xen_version);
  calls[1].op = 999;
  calls[2].op = static_cast<std::uint64_t>(Hypercall::vcpu_op);
  calls[2].args[0] = static_cast<std::uint64_t>(abi::Vcpu_op::is_up);
  calls[2].args[1] = no_vcpu.value();
  bench.check("the call", call(Hypercall::multicall, address_of(calls), std::size(calls)), 0);
  bench.check("XENVER_version", static_cast<std::int64_t>(calls[0].result), version);
  bench.check("hypercall 999", static_cast<std::int64_t>(calls[1].result), -Errno::enosys);
  bench.check("VCPUOP_is_up of vCPU 99", static_cast<std::int64_t>(calls[2].result), -Errno::enoent);
  bench.check("an empty list", call(Hypercall::multicall, address_of(calls), 0), 0);
  bench.check("a list nobody can read", call(Hypercall::multicall, nowhere, 1), -Errno::efault);
}

void nested_multicall(Bench& bench) {
  abi::Multicall_entry inner;
  inner.op = static_cast<std::uint64_t>(Hypercall::xen_version);
  abi::Multicall_entry outer;
  outer.op = static_cast<std::uint64_t>(Hypercall::multicall);
  outer.args[0] = address_of(inner);
  outer.args[1] = 1;
  bench.check("the call", call(Hypercall::multicall, address_of(outer), 1), 0);
  bench.check("the one within", static_cast<std::int64_t>(outer.result), -Errno::einval);
}

void assists(Bench& bench) {
  using enum abi::Vm_assist_command;
  const auto assist = [](std::uint64_t command, std::uint64_t type) {
    return call(Hypercall::vm_assist, command, type);
  };
  constexpr auto on = static_cast<std::uint64_t>(enable);
  constexpr auto off = static_cast<std::uint64_t>(disable);
  constexpr auto known = static_cast<std::uint64_t>(abi::Vm_assist::runstate_update_flag);
  bench.check("enable 5", assist(on, known), 0);
  bench.check("disable 5", assist(off, known), 0);
  bench.check("enable 0", assist(on, 0), -Errno::einval);
  bench.check("enable 4", assist(on, 4), -Errno::einval);
  bench.check("enable 64", assist(on, 64), -Errno::einval);
  bench.check("disable 64", assist(off, 64), -Errno::einval);
  bench.check("command 9", assist(9, known), -Errno::enosys);
}

void console(Bench& bench) {
  const auto io = [](std::uint64_t command, std::uint64_t count, std::uint64_t buffer) {
    return arch::hypercall(Hypercall::console_io, command, count, buffer);
  };
  char text[4] = {};
  constexpr auto write = static_cast<std::uint64_t>(abi::Console_io::write);
  constexpr auto read = static_cast<std::uint64_t>(abi::Console_io::read);
  bench.check("writing nothing", io(write, 0, address_of(text)), 0);
  bench.check("writing nothing from nowhere", io(write, 0, nowhere), 0);
  bench.check("reading what nobody typed", io(read, sizeof text, address_of(text)), 0);
  bench.check("reading 2 GiB", io(read, std::uint64_t{1} << 31, address_of(text)), -Errno::e2big);
  // The count is an unsigned int of Xen's: what is above its 32 bits is not there.
  bench.check("reading 4 GiB", io(read, std::uint64_t{1} << 32, address_of(text)), 0);
  bench.check("writing from nowhere", io(write, 1, nowhere), -Errno::efault);
  bench.check("command 9", io(9, 0, address_of(text)), -Errno::enosys);
}

void other_immediate(Bench& bench) {
  constexpr Vcpu_id caller{1};
  constexpr std::uint64_t unknown_instruction = 1U << 25;  // ESR_EL1: class 0, an instruction of 32 bits
  const auto entry = bench.machine().foreign_caller();
  if (!entry) {
    bench.skip("hypercalls have no immediate here");
    return;
  }
  bench.check("CPU_ON", firmware(abi::Psci_function::cpu_on_64, caller.value(), *entry, 0), 0);
  bench.check_that("it gets past HVC #0x1234", bench.machine().is_done(caller, Wait::patiently));
  bench.check_that("it has taken an exception", bench.machine().has_taken_exception(caller, Wait::a_moment));
  bench.check_bits("ESR_EL1", bench.machine().syndrome(caller), unknown_instruction);
  bench.machine().dismiss(caller);
}

constexpr Case cases[] = {
    {"hypercalls that Arm does not have are ENOSYS",
     "Numbers without an entry for Arm are not implemented ([xen] hypercall-defs.c, column arm)", absent_numbers},
    {"a number is all 64 bits of x16", "The hypercall number is passed in x16 ([xen] arch-arm.h)",
     beyond_the_table},
    {"an HVC with an immediate that is not Xen's is an undefined instruction",
     "Xen takes HVC #0xea1, and #0 for SMCCC ([xen] arch-arm.h, arm/traps.c)", other_immediate},
    {"privileged hypercalls read their argument before they refuse",
     "domctl, sysctl and platform_op copy the structure in, then ask XSM ([xen] domctl.c, sysctl.c)", privileged},
    {"a multicall succeeds whatever becomes of the calls in it",
     "Each entry has its result; the whole fails only if the list cannot be read ([xen] xen.h, multicall_entry)",
     multicall},
    {"a multicall within a multicall is EINVAL", "Nesting is refused ([xen] multicall.c)", nested_multicall},
    {"the one assistance on Arm is the runstate update flag",
     "VMASST_TYPE_* valid on Arm ([xen] xen.h, asm/config.h)", assists},
    {"a domain without dom0 may use Xen's console, within limits",
     "CONSOLEIO_write and CONSOLEIO_read; a count beyond INT_MAX is E2BIG ([xen] xen.h, char/console.c)", console},
};

}  // namespace

constinit const Subject hypercalls_subject{"hypercalls", cases};

}  // namespace enlighten::conformance
