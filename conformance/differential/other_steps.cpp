// SPDX-License-Identifier: MIT
// Steps that are calls about vCPUs, scheduling, parameters, and Xen itself; and calls to firmware.
#include <cstring>

#include <abi/multicall.hpp>
#include <conformance/expected.hpp>

#include "outcome.hpp"

namespace enlighten::conformance::differential {
namespace {

// Of the scratch page; behind it Xen may write at times of its own.
constexpr std::size_t room_for_answers = 2048;

// Zeros, room for every answer; or an address where nothing is.
[[nodiscard]] std::uint64_t argument_at(Scene& scene, std::uint8_t pointer) noexcept {
  std::memset(scene.scratch(), 0, room_for_answers);
  return pointer == 0 ? reinterpret_cast<std::uintptr_t>(scene.scratch()) : nowhere;
}

// All vCPUs have registered a vcpu_info, so that it is refused whatever it says.
void do_register_vcpu_info(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  abi::Vcpu_register_vcpu_info argument{.mfn = scene.frame(step.operands[1]), .offset = offsets[step.operands[2]]};
  outcome.add(vcpu_op(abi::Vcpu_op::register_vcpu_info, Scene::vcpu(step.operands[0]), address_of(argument)));
}

void do_register_runstate(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  auto* const area = static_cast<std::byte*>(scene.scratch()) + room_for_answers;
  abi::Vcpu_register_runstate_memory_area argument{
      abi::Guest_handle<abi::Vcpu_runstate_info>{reinterpret_cast<abi::Vcpu_runstate_info*>(area)}};
  outcome.add(vcpu_op(abi::Vcpu_op::register_runstate_memory_area, Scene::vcpu(step.operands[0]),
                      step.operands[1] == 0 ? address_of(argument) : nowhere));
}

// A moment that is over: whoever polls does not wait.
void do_poll(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  Port ports[2] = {scene.port(step.operands[0]), scene.port(step.operands[1])};
  const std::uint32_t count = step.operands[2] % 4;
  abi::Sched_poll argument{
      .ports = abi::Guest_handle<Port>{ports}, .nr_ports = count == 3 ? 129 : count, .timeout = 1};
  outcome.add(sched_op(abi::Sched_op::poll, argument));
}

// A new one is for a quarter of an hour, which no run takes: one for no time ends the domain at once.
void do_watchdog(const Step& step, Outcome& outcome) noexcept {
  constexpr std::uint32_t long_time = 900;
  const std::uint32_t id = step.operands[0] % 4U;
  const bool fed = id == 0 || step.operands[1] % 2 == 0;
  outcome.add(sched_op(abi::Sched_op::watchdog, abi::Sched_watchdog{.id = id, .timeout = fed ? long_time : 0}));
}

// 4 is remote_shutdown: not of this domain's own number or DOMID_SELF, should Xen once allow it.
void do_other_sched(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  constexpr std::array<std::uint32_t, 4> numbers{4, 7, 8, 99};
  const Domain_id domain = scene.domain(step.operands[1]);
  const bool own = domain == abi::domain_self || domain == scene.own();
  abi::Sched_remote_shutdown argument{.domain_id = own ? no_domain : domain,
                                      .reason = abi::Shutdown_reason::poweroff};
  outcome.add(
      arch::hypercall(abi::Hypercall::sched_op, numbers[step.operands[0] % numbers.size()], address_of(argument)));
}

void do_parameter(Scene& scene, const Step& step, abi::Hvm_op operation, Outcome& outcome) noexcept {
  abi::Xen_hvm_param argument{.domid = scene.domain(step.operands[0]),
                              .index = static_cast<abi::Hvm_param>(step.operands[1])};
  outcome.add(hvm_op(operation, argument)).add(static_cast<std::int64_t>(argument.value));
}

void do_two_calls(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  abi::Evtchn_send event{scene.port(step.operands[0])};
  abi::Multicall_entry calls[2];
  calls[0].op = static_cast<std::uint64_t>(abi::Hypercall::event_channel_op);
  calls[0].args[0] = static_cast<std::uint64_t>(abi::Event_channel_op::send);
  calls[0].args[1] = address_of(event);
  calls[1].op = 40U + step.operands[1];
  outcome.add(arch::hypercall(abi::Hypercall::multicall, reinterpret_cast<std::uintptr_t>(calls), 2));
  outcome.add(static_cast<std::int64_t>(calls[0].result)).add(static_cast<std::int64_t>(calls[1].result));
}

[[nodiscard]] std::uint64_t affinity(std::uint8_t vcpu) noexcept {
  return Scene::vcpu(vcpu).value();
}

// Of those who are on, or nobody, or at an address that cannot be: refused in any case.
void do_cpu_on(const Step& step, Outcome& outcome) noexcept {
  constexpr std::uint64_t odd = 0x4000'0001;
  const bool off = step.operands[0] >= working_vcpus && step.operands[0] < all_vcpus;
  outcome.add(firmware(abi::Psci_function::cpu_on_64, affinity(step.operands[0]),
                       off || step.operands[1] != 0 ? odd : odd - 1));
}

void do_start(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const std::uint8_t vcpu = working_vcpus + step.operands[0] % (all_vcpus - working_vcpus);
  const std::uint64_t entry = scene.machine().sleeper();
  outcome.add(firmware(abi::Psci_function::cpu_on_64, affinity(vcpu), entry, step.operands[1]));
  if (outcome.values().front() != 0) {
    return;
  }
  const std::optional<std::uint64_t> context = scene.machine().awake(Vcpu_id{vcpu});
  outcome.add(context ? static_cast<std::int64_t>(*context) : -1);
  outcome.add(firmware(abi::Psci_function::affinity_info_64, affinity(vcpu)));
  scene.machine().dismiss(Vcpu_id{vcpu});
}

}  // namespace

void do_other_step(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& [first, second, third, fourth, fifth] = step.operands;
  switch (step.operation) {
    case Operation::register_vcpu_info:
      return do_register_vcpu_info(scene, step, outcome);
    case Operation::register_runstate:
      return do_register_runstate(scene, step, outcome);
    case Operation::other_vcpu_operation: {
      constexpr std::array<std::uint32_t, 7> numbers{0, 1, 2, 3, 4, 14, 15};
      outcome.add(vcpu_op(numbers[first % numbers.size()], Scene::vcpu(second), argument_at(scene, 0)));
      return;
    }
    case Operation::yield:
      outcome.add(arch::hypercall(abi::Hypercall::sched_op, static_cast<std::uint64_t>(abi::Sched_op::yield)));
      return;
    case Operation::poll:
      return do_poll(scene, step, outcome);
    case Operation::watchdog:
      return do_watchdog(step, outcome);
    case Operation::other_sched_operation:
      return do_other_sched(scene, step, outcome);
    case Operation::get_parameter:
      return do_parameter(scene, step, abi::Hvm_op::get_param, outcome);
    case Operation::set_parameter:
      return do_parameter(scene, step, abi::Hvm_op::set_param, outcome);
    case Operation::xen_version:
      outcome.add(conformance::xen_version(first % 14, argument_at(scene, second)));
      return;
    case Operation::vm_assist:
      outcome.add(arch::hypercall(abi::Hypercall::vm_assist, first % 4, second % 8));
      return;
    case Operation::console:
      outcome.add(arch::hypercall(abi::Hypercall::console_io, 1U + first % 4, 1, argument_at(scene, 0)));
      return;
    case Operation::two_calls:
      return do_two_calls(scene, step, outcome);
    case Operation::affinity_info:
      outcome.add(firmware(abi::Psci_function::affinity_info_64, affinity(first), second % 5));
      return;
    case Operation::cpu_on:
      return do_cpu_on(step, outcome);
    case Operation::psci_features: {
      constexpr std::uint32_t calls_of_64_bits = 0x4000'0000;
      outcome.add(
          firmware(abi::Psci_function::features, 0x8400'0000U + first % 20 + (first < 20 ? 0 : calls_of_64_bits)));
      return;
    }
    default:
      do_start(scene, step, outcome);
  }
}

}  // namespace enlighten::conformance::differential
