// SPDX-License-Identifier: MIT
// Puts each call in words and gives the scripted answer.
#include "scripted_xen.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <abi/frame.hpp>
#include <abi/hypercall.hpp>
#include <abi/vcpu_op.hpp>
#include <abi/xen_version.hpp>

namespace enlighten::guest::test {
namespace {

[[nodiscard]] std::int64_t refused(abi::Errno reason) {
  return -static_cast<std::int64_t>(reason);
}

template <typename Argument>
[[nodiscard]] Argument& as(std::uint64_t address) {
  return *reinterpret_cast<Argument*>(static_cast<std::uintptr_t>(address));
}

[[nodiscard]] std::string with(const char* operation, Vcpu_id vcpu) {
  return std::string{operation} + " vcpu " + std::to_string(vcpu.value());
}

[[nodiscard]] std::string with(const char* operation, Port port) {
  return std::string{operation} + " port " + std::to_string(port.value());
}

[[nodiscard]] std::uintptr_t address(abi::Gfn frame, std::uint32_t offset) {
  return static_cast<std::uintptr_t>(abi::address_of(frame)) + offset;
}

}  // namespace

std::int64_t Scripted_xen::note(const std::string& call) {
  calls.push_back(call);
  if (meanwhile) {
    meanwhile(call);
  }
  const auto refusal = refusals.find(call.substr(0, call.find(' ')));
  return refusal == refusals.end() ? 0 : refused(refusal->second);
}

std::int64_t Scripted_xen::hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) {
  switch (number) {
    case abi::Hypercall::event_channel_op:
      return event_channel(static_cast<abi::Event_channel_op>(arguments[0]), arguments[1]);
    case abi::Hypercall::vcpu_op: {
      const Vcpu_id vcpu{static_cast<std::uint32_t>(arguments[1])};
      const auto& argument = as<const abi::Vcpu_register_vcpu_info>(arguments[2]);
      const std::int64_t answer = note(with("register_vcpu_info", vcpu));
      if (answer == 0) {
        vcpu_infos[vcpu] = address(argument.mfn, argument.offset);
      }
      return answer;
    }
    case abi::Hypercall::xen_version:
      if (static_cast<abi::Xen_version_op>(arguments[0]) == abi::Xen_version_op::extraversion) {
        std::strcpy(as<abi::Xen_extraversion>(arguments[1]).text, ".5");
        return note("extraversion");
      }
      return note("version") == 0 ? 0x40011 : refused(abi::Errno::enosys);
    default:
      return note("hypercall " + std::to_string(static_cast<std::uint32_t>(number)));
  }
}

void Scripted_xen::hand_out(Port& port) {
  if (!closed_.empty()) {
    port = *closed_.begin();
    closed_.erase(closed_.begin());
    return;
  }
  port = next_port;
  next_port = Port{next_port.value() + 1};
}

std::int64_t Scripted_xen::event_channel(abi::Event_channel_op operation, std::uint64_t argument) {
  using enum abi::Event_channel_op;
  std::int64_t answer = 0;
  switch (operation) {
    case bind_ipi: {
      auto& bind = as<abi::Evtchn_bind_ipi>(argument);
      answer = note(with("bind_ipi", bind.vcpu));
      if (answer == 0) {
        hand_out(bind.port);
      }
      return answer;
    }
    case bind_virq: {
      auto& bind = as<abi::Evtchn_bind_virq>(argument);
      answer = note(with("bind_virq", bind.vcpu));
      if (answer == 0) {
        hand_out(bind.port);
      }
      return answer;
    }
    case alloc_unbound:
      answer = note("alloc_unbound");
      if (answer == 0) {
        hand_out(as<abi::Evtchn_alloc_unbound>(argument).port);
      }
      return answer;
    case bind_interdomain: {
      auto& bind = as<abi::Evtchn_bind_interdomain>(argument);
      answer = note(with("bind_interdomain", bind.remote_port) + " of " + std::to_string(bind.remote_dom.value()));
      if (answer == 0) {
        hand_out(bind.local_port);
      }
      return answer;
    }
    case bind_vcpu: {
      const auto& bind = as<const abi::Evtchn_bind_vcpu>(argument);
      return note(with("bind_vcpu", bind.port) + " vcpu " + std::to_string(bind.vcpu.value()));
    }
    case close: {
      const Port port = as<const abi::Evtchn_close>(argument).port;
      answer = note(with("close", port));
      if (answer == 0) {
        closed_.insert(port);
      }
      return answer;
    }
    case send:
      return note(with("send", as<const abi::Evtchn_send>(argument).port));
    case unmask:
      return note(with("unmask", as<const abi::Evtchn_unmask>(argument).port));
    case status: {
      auto& told = as<abi::Evtchn_status>(argument);
      answer = note(with("status", told.port));
      if (answer == 0) {
        told.status = port_state;
        told.vcpu = port_vcpu;
      }
      return answer;
    }
    case reset:
      at_fifo = false;
      return note("reset");
    case init_control: {
      auto& init = as<abi::Evtchn_init_control>(argument);
      answer = note(with("init_control", init.vcpu));
      if (answer == 0) {
        control_blocks[init.vcpu] = address(init.control_gfn, init.offset);
        init.link_bits = link_bits;
        at_fifo = true;
      }
      return answer;
    }
    case expand_array:
      answer = note("expand_array");
      if (answer == 0) {
        const auto& expand = as<const abi::Evtchn_expand_array>(argument);
        array_pages.push_back(reinterpret_cast<abi::Event_word*>(address(expand.array_gfn, 0)));
      }
      return answer;
    case set_priority: {
      const auto& set = as<const abi::Evtchn_set_priority>(argument);
      answer = note(with("set_priority", set.port) + " to " + std::to_string(set.priority));
      if (!at_fifo) {
        return refused(abi::Errno::enosys);
      }
      return set.port == Port{0} ? refused(abi::Errno::einval) : answer;
    }
    case bind_pirq:
      return note("bind_pirq");
  }
  return refused(abi::Errno::enosys);
}

arch::Smccc_result Scripted_xen::smccc(arch::Conduit, std::uint32_t function,
                                       const std::array<std::uint64_t, 3>& arguments) {
  char call[32];
  arch::Smccc_result result{};
  switch (static_cast<abi::Psci_function>(function)) {
    case abi::Psci_function::cpu_on_64: {
      std::snprintf(call, sizeof call, "cpu_on %#llx", static_cast<unsigned long long>(arguments[0]));
      static_cast<void>(note(call));
      if (const auto refusal = cpu_on_refusals.find(Mpidr{arguments[0]}); refusal != cpu_on_refusals.end()) {
        result.x0 = static_cast<std::uint32_t>(refusal->second);
      }
      return result;
    }
    case abi::Psci_function::affinity_info_64:
      std::snprintf(call, sizeof call, "affinity_info %#llx", static_cast<unsigned long long>(arguments[0]));
      static_cast<void>(note(call));
      result.x0 = static_cast<std::uint64_t>(abi::Psci_affinity::off);
      return result;
    default:
      return arch::hosted::Machine::smccc(arch::Conduit::hvc, function, arguments);
  }
}

void Scripted_xen::relax() {
  if (!while_waiting) {
    std::fprintf(stderr, "a vCPU waits for another one, which on this thread cannot run\n");
    std::abort();
  }
  while_waiting();
}

}  // namespace enlighten::guest::test
