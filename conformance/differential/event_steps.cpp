// SPDX-License-Identifier: MIT
// Steps that are operations on event channels.
#include <conformance/ports.hpp>

#include "outcome.hpp"

namespace enlighten::conformance::differential {
namespace {

// Where `operand` says that the port of a binding is to be kept.
void keep(Scene& scene, std::uint8_t operand, const Binding& binding, Outcome& outcome) noexcept {
  outcome.add(binding.result);
  if (binding.result == 0) {
    outcome.add(binding.port.value());
    scene.keep(operand, binding.port);
  }
}

void do_status(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  abi::Evtchn_status argument{.dom = scene.domain(step.operands[0]), .port = scene.port(step.operands[1])};
  outcome.add(ask_status(argument));
  if (outcome.values().front() != 0) {
    return;
  }
  outcome.add(number(argument.status)).add(argument.vcpu.value());
  // A domain's number need not be the same in two runs of Xen.
  const auto relative = [&](Domain_id dom) { return dom == scene.own() ? -1 : dom.value(); };
  switch (argument.status) {
    case abi::Evtchn_state::unbound:
      outcome.add(relative(argument.u.unbound));
      break;
    case abi::Evtchn_state::interdomain:
      outcome.add(relative(argument.u.interdomain.dom)).add(argument.u.interdomain.port.value());
      break;
    case abi::Evtchn_state::virq:
      outcome.add(argument.u.virq.value());
      break;
    case abi::Evtchn_state::closed:
    case abi::Evtchn_state::pirq:
    case abi::Evtchn_state::ipi:
      break;
  }
}

void do_init_control(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const Vcpu_id vcpu = Scene::vcpu(step.operands[0]);
  const std::uint32_t offset = offsets[step.operands[2]];
  abi::Evtchn_init_control argument{
      .control_gfn = scene.control_frame(step.operands[1]), .offset = offset, .vcpu = vcpu};
  outcome.add(event_channel(abi::Event_channel_op::init_control, argument)).add(argument.link_bits);
  if (outcome.values().front() == 0 && step.operands[1] < control_pages) {
    scene.note_control_block(vcpu, scene.control_block(step.operands[1], offset));
  }
}

}  // namespace

void do_event_step(Scene& scene, const Step& step, Outcome& outcome) noexcept {
  const auto& [first, second, third, fourth, fifth] = step.operands;
  switch (step.operation) {
    case Operation::bind_ipi:
      return keep(scene, first, bind_ipi(Scene::vcpu(second)), outcome);
    case Operation::bind_virq:
      return keep(scene, first, bind_virq(Virq{virqs[second]}, Scene::vcpu(third)), outcome);
    case Operation::bind_pirq:
      outcome.add(event_channel(abi::Event_channel_op::bind_pirq, abi::Evtchn_bind_pirq{.pirq = first}));
      return;
    case Operation::alloc_unbound:
      return keep(scene, first, alloc_unbound(scene.domain(second), scene.domain(third)), outcome);
    case Operation::bind_interdomain:
      return keep(scene, first, bind_interdomain(scene.port(third), scene.domain(second)), outcome);
    case Operation::close:
      outcome.add(close(scene.port(first)));
      return;
    case Operation::send:
      outcome.add(send(scene.port(first)));
      return;
    case Operation::unmask:
      outcome.add(unmask(scene.port(first)));
      return;
    case Operation::status:
      return do_status(scene, step, outcome);
    case Operation::bind_vcpu:
      outcome.add(bind_vcpu(scene.port(first), Scene::vcpu(second)));
      return;
    case Operation::set_priority:
      outcome.add(set_priority(scene.port(first), second));
      return;
    case Operation::init_control:
      return do_init_control(scene, step, outcome);
    case Operation::expand_array:
      outcome.add(expand_array(scene.array_frame(first)));
      if (outcome.values().front() == 0) {
        scene.note_array_page(first);
      }
      return;
    case Operation::reset:
      outcome.add(reset(scene.domain(first)));
      if (outcome.values().front() == 0) {
        scene.note_reset();
      }
      return;
    default: {
      // 14 is Xen's own, for a reset that goes on.
      abi::Evtchn_reset argument{scene.own()};
      outcome.add(arch::hypercall(abi::Hypercall::event_channel_op, 14U + first % 4, address_of(argument)));
    }
  }
}

}  // namespace enlighten::conformance::differential
