// SPDX-License-Identifier: MIT
// Which hypercall goes where, and the small ones: version, console, vm_assist, multicall, parameters.
#include <algorithm>
#include <cstring>

#include <abi/console_io.hpp>
#include <abi/domain_id.hpp>
#include <abi/hvm_op.hpp>
#include <abi/hypercall.hpp>
#include <abi/multicall.hpp>
#include <abi/vm_assist.hpp>
#include <abi/xen_version.hpp>
#include <model/xen.hpp>

#include "arguments.hpp"

namespace enlighten::model {
namespace {

using abi::Errno;
using arguments::refusal;

// An operation number is 32 bits wide; what stands above them is not looked at.
constexpr std::uint32_t operation_of(std::uint64_t argument) {
  return static_cast<std::uint32_t>(argument);
}

template <typename T>
T with_text(const char* text) {
  T structure;
  std::strncpy(structure.text, text, sizeof structure.text - 1);
  return structure;
}

constexpr std::uint32_t feature(abi::Xen_feature which) {
  return std::uint32_t{1} << static_cast<std::uint32_t>(which);
}

}  // namespace

std::int64_t Domain::hypercall(Vcpu_id self, std::uint64_t number, const std::array<std::uint64_t, 5>& arguments) {
  ++calls_under_way_;
  turns().step(nullptr);
  while (turns().preempted()) {
  }
  const auto reason = xen_.processor().refuse(static_cast<abi::Hypercall>(number), operation_of(arguments[0]));
  const std::int64_t result = reason ? refusal(*reason) : dispatch(self, number, arguments);
  --calls_under_way_;
  return result;
}

// [xen] arm/traps.c, do_trap_hypercall; include/hypercall-defs.c, column arm.
std::int64_t Domain::dispatch(Vcpu_id self, std::uint64_t number, const std::array<std::uint64_t, 5>& arguments) {
  using enum abi::Hypercall;
  const auto [first, second, third, fourth, fifth] = arguments;
  switch (number) {
    case static_cast<std::uint64_t>(memory_op):
      return memory_->call(first, second);
    case static_cast<std::uint64_t>(multicall):
      return this->multicall(self, first, second);
    case static_cast<std::uint64_t>(abi::Hypercall::xen_version):
      return this->xen_version(first, second);
    case static_cast<std::uint64_t>(abi::Hypercall::console_io):
      return this->console_io(first, second, third);
    case static_cast<std::uint64_t>(grant_table_op):
      return grants_->call(operation_of(first), second, operation_of(third));
    case static_cast<std::uint64_t>(abi::Hypercall::vm_assist):
      return this->vm_assist(first, second);
    case static_cast<std::uint64_t>(abi::Hypercall::vcpu_op):
      return this->vcpu_op(self, first, second, third);
    case static_cast<std::uint64_t>(abi::Hypercall::sched_op):
      return this->sched_op(self, first, second);
    case static_cast<std::uint64_t>(event_channel_op):
      if (operation_of(first) == static_cast<std::uint32_t>(abi::Event_channel_op::init_control)) {
        check_init_control(self, second);
      }
      return events_->call(operation_of(first), second);
    case static_cast<std::uint64_t>(abi::Hypercall::hvm_op):
      return this->hvm_op(first, second);
    // Privileged ones copy their argument before they ask who calls.
    case static_cast<std::uint64_t>(platform_op):
    case static_cast<std::uint64_t>(sysctl):
    case static_cast<std::uint64_t>(domctl): {
      std::uint64_t word = 0;
      return refusal(copy_from_guest(&word, first, sizeof word) ? Errno::eperm : Errno::efault);
    }
    case static_cast<std::uint64_t>(hypfs_op):
      return refusal(Errno::eperm);
    default:
      return refusal(Errno::enosys);
  }
}

// [xen] common/kernel.c, do_xen_version.
std::int64_t Domain::xen_version(std::uint64_t operation, std::uint64_t argument) {
  using enum abi::Xen_version_op;
  const auto put = [&](const auto& structure) {
    return arguments::write(*this, argument, structure) ? std::int64_t{0} : refusal(Errno::efault);
  };
  switch (static_cast<abi::Xen_version_op>(operation_of(operation))) {
    case version:
      return version_number(release());
    case extraversion:
      return put(with_text<abi::Xen_extraversion>(".0-model"));
    case compile_info:
      return put(abi::Xen_compile_info{});
    case capabilities:
      return put(with_text<abi::Xen_capabilities>("xen-3.0-aarch64 xen-3.0-armv7l"));
    case changeset:
      return put(with_text<abi::Xen_changeset>("<denied>"));
    case platform_parameters:
      return put(abi::Xen_platform_parameters{release() == Release::v4_17 ? 0x200000U : 0U});
    case get_features: {
      abi::Xen_feature_info information;
      if (!copy_from_guest(&information, argument, sizeof information)) {
        return refusal(Errno::efault);
      }
      if (information.submap_idx != 0) {
        return refusal(Errno::einval);
      }
      using enum abi::Xen_feature;
      information.submap = feature(writable_page_tables) | feature(auto_translated_physmap) |
                           feature(memory_op_vnode_supported) | feature(arm_smccc_supported) |
                           feature(not_direct_mapped) |
                           (release() >= Release::v4_18 ? feature(runstate_phys_area) : 0);
      return put(information);
    }
    case pagesize:
      return argument == 0 ? static_cast<std::int64_t>(abi::page_size) : refusal(Errno::einval);
    case guest_handle:
      return put(std::array<std::uint8_t, 16>{});
    case commandline:
      return put(with_text<abi::Xen_commandline>("<denied>"));
    case build_id:
      return refusal(Errno::eperm);
  }
  return refusal(Errno::enosys);
}

// [xen] drivers/char/console.c, do_console_io.
std::int64_t Domain::console_io(std::uint64_t operation, std::uint64_t count, std::uint64_t buffer) {
  constexpr std::uint32_t most = 0x7fff'ffff;
  if (operation_of(count) > most) {
    return refusal(Errno::e2big);
  }
  switch (static_cast<abi::Console_io>(operation_of(operation))) {
    case abi::Console_io::write: {
      // Nothing is fetched for nothing, wherever it is said to be.
      if (operation_of(count) == 0) {
        return 0;
      }
      if (!reaches(buffer, operation_of(count), Access::read)) {
        return refusal(Errno::efault);
      }
      const Lock_guard guard{lock_, turns()};
      const std::string_view text{reinterpret_cast<const char*>(buffer), operation_of(count)};
      console_ += text;
      if (options_.console) {
        options_.console(text);
      }
      return 0;
    }
    case abi::Console_io::read:
      return 0;
  }
  return refusal(Errno::enosys);
}

// [xen] common/kernel.c, do_vm_assist: the type is looked at before the command.
std::int64_t Domain::vm_assist(std::uint64_t command, std::uint64_t type) {
  if (operation_of(type) != static_cast<std::uint32_t>(abi::Vm_assist::runstate_update_flag)) {
    return refusal(Errno::einval);
  }
  return operation_of(command) <= static_cast<std::uint32_t>(abi::Vm_assist_command::disable)
             ? 0
             : refusal(Errno::enosys);
}

// [xen] common/multicall.c. A call that does not exist is that entry's failure.
std::int64_t Domain::multicall(Vcpu_id self, std::uint64_t list, std::uint64_t count) {
  for (std::uint32_t index = 0; index < operation_of(count); ++index) {
    static_cast<void>(turns().preempted());
    const std::uint64_t address = list + index * sizeof(abi::Multicall_entry);
    abi::Multicall_entry entry;
    if (!copy_from_guest(&entry, address, sizeof entry)) {
      return refusal(Errno::efault);
    }
    const auto& [first, second, third, fourth, fifth, sixth] = entry.args;
    const std::int64_t result = entry.op == static_cast<std::uint64_t>(abi::Hypercall::multicall)
                                    ? refusal(Errno::einval)
                                    : dispatch(self, entry.op, {first, second, third, fourth, fifth});
    entry.result = static_cast<std::uint64_t>(result);
    if (!copy_to_guest(address, &entry, sizeof entry)) {
      return refusal(Errno::efault);
    }
  }
  return 0;
}

// [xen] arm/hvm.c. None is set for a domain made without a toolstack, and none may be set by a guest.
std::int64_t Domain::hvm_op(std::uint64_t operation, std::uint64_t argument) {
  const auto which = static_cast<abi::Hvm_op>(operation_of(operation));
  if (which == abi::Hvm_op::guest_request_vm_event) {
    return argument == 0 ? 0 : refusal(Errno::einval);
  }
  if (which != abi::Hvm_op::set_param && which != abi::Hvm_op::get_param) {
    return refusal(Errno::enosys);
  }
  abi::Xen_hvm_param parameter{.domid = abi::domain_self, .index = abi::Hvm_param::callback_irq};
  if (!copy_from_guest(&parameter, argument, sizeof parameter)) {
    return refusal(Errno::efault);
  }
  if (parameter.domid != abi::domain_self && parameter.domid != id_) {
    return refusal(xen_.find(parameter.domid) == nullptr ? Errno::esrch : Errno::eperm);
  }
  constexpr std::uint32_t monitor_ring_pfn = 28;
  const auto index = static_cast<std::uint32_t>(parameter.index);
  constexpr std::array readable{abi::Hvm_param::callback_irq, abi::Hvm_param::store_pfn,
                                abi::Hvm_param::store_evtchn, abi::Hvm_param::console_pfn,
                                abi::Hvm_param::console_evtchn};
  const bool known = std::ranges::find(readable, parameter.index) != readable.end();
  if (!known) {
    return refusal(index == monitor_ring_pfn ? Errno::eperm : Errno::einval);
  }
  if (which == abi::Hvm_op::set_param) {
    return refusal(Errno::eperm);
  }
  const auto set = parameters_.find(parameter.index);
  parameter.value = set == parameters_.end() ? 0 : set->second;
  return copy_to_guest(argument, &parameter, sizeof parameter) ? 0 : refusal(Errno::efault);
}

}  // namespace enlighten::model
