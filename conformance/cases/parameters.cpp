// SPDX-License-Identifier: MIT
// What the toolstack leaves for a guest to find: HVMOP_get_param and its relatives.
#include <conformance/calls.hpp>

#include "subjects.hpp"

namespace enlighten::conformance {
namespace {

using abi::Errno;
using abi::Hvm_op;
using abi::Hvm_param;

[[nodiscard]] abi::Xen_hvm_param parameter(std::uint32_t index, Domain_id dom = abi::domain_self) noexcept {
  return {.domid = dom, .index = static_cast<Hvm_param>(index), .value = 99};
}

void readable(Bench& bench) {
  // A domain that Xen creates without a control domain has nobody who would set them.
  for (const Hvm_param which : {Hvm_param::callback_irq, Hvm_param::store_pfn, Hvm_param::store_evtchn,
                                Hvm_param::console_pfn, Hvm_param::console_evtchn}) {
    abi::Xen_hvm_param argument = parameter(static_cast<std::uint32_t>(which));
    bench.check("get_param", hvm_op(Hvm_op::get_param, argument), 0);
    bench.check("its value", static_cast<std::int64_t>(argument.value), 0);
  }
}

void unreadable(Bench& bench) {
  abi::Xen_hvm_param monitor = parameter(28);
  bench.check("28, the monitor's ring", hvm_op(Hvm_op::get_param, monitor), -Errno::eperm);
  bench.check("its value is left alone", static_cast<std::int64_t>(monitor.value), 99);
  bench.check("5", hvm_op(Hvm_op::get_param, parameter(5)), -Errno::einval);
  bench.check("38", hvm_op(Hvm_op::get_param, parameter(38)), -Errno::einval);
  bench.check("1000", hvm_op(Hvm_op::get_param, parameter(1000)), -Errno::einval);
}

void not_writable(Bench& bench) {
  for (const std::uint32_t index : {0U, 1U, 2U, 17U, 18U, 28U}) {
    bench.check("set_param", hvm_op(Hvm_op::set_param, parameter(index)), -Errno::eperm);
  }
  bench.check("set_param of 5", hvm_op(Hvm_op::set_param, parameter(5)), -Errno::einval);
  bench.check("set_param of 1000", hvm_op(Hvm_op::set_param, parameter(1000)), -Errno::einval);
}

void other_domains(Bench& bench) {
  bench.check("get_param of domain 99", hvm_op(Hvm_op::get_param, parameter(0, no_domain)), -Errno::esrch);
  bench.check("set_param of domain 99", hvm_op(Hvm_op::set_param, parameter(0, no_domain)), -Errno::esrch);
}

void operations(Bench& bench) {
  const auto operation = [](std::uint64_t which, std::uint64_t argument) {
    return arch::hypercall(abi::Hypercall::hvm_op, which, argument);
  };
  bench.check("99", operation(99, nowhere), -Errno::enosys);
  bench.check("get_param from nowhere", operation(1, nowhere), -Errno::efault);
  bench.check("set_param from nowhere", operation(0, nowhere), -Errno::efault);
  bench.check("guest_request_vm_event", operation(24, 0), 0);
  bench.check("guest_request_vm_event with an argument", operation(24, nowhere), -Errno::einval);
}

constexpr Case cases[] = {
    {"the parameters a guest may read are zero if nobody has set them",
     "HVMOP_get_param: parameters that are not set read as 0 ([xen] hvm/params.h)", readable},
    {"a guest may not read what is not for it, and nothing beyond the table",
     "HVMOP_get_param: EPERM for a privileged domain's, EINVAL for what does not exist ([xen] arm/hvm.c)",
     unreadable},
    {"a guest may set no parameter", "HVMOP_set_param on Arm is the toolstack's ([xen] arm/hvm.c)", not_writable},
    {"parameters of a domain that does not exist are ESRCH", "The domain is looked for first ([xen] arm/hvm.c)",
     other_domains},
    {"operations that Arm does not have are ENOSYS", "HVMOP_* ([xen] hvm/hvm_op.h, arm/hvm.c)", operations},
};

}  // namespace

constinit const Subject parameters_subject{"parameters", cases};

}  // namespace enlighten::conformance
