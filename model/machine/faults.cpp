// SPDX-License-Identifier: MIT
// Which calls the faults touch.
#include <model_machine/faults.hpp>

#include <abi/event_channel.hpp>
#include <abi/vcpu_op.hpp>

namespace enlighten::model_machine {

bool Fault_source::happens(std::uint32_t in_a_thousand) {
  return in_a_thousand != 0 && random_() % 1000 < in_a_thousand;
}

std::optional<abi::Errno> Fault_source::refuse(abi::Hypercall call, std::uint32_t operation) {
  using enum abi::Event_channel_op;
  const auto event_operation = static_cast<abi::Event_channel_op>(operation);
  const bool about_events = call == abi::Hypercall::event_channel_op;
  if (faults_.no_fifo && about_events && event_operation == init_control) {
    return abi::Errno::enosys;
  }
  const bool allocates =
      call == abi::Hypercall::memory_op ||
      (call == abi::Hypercall::vcpu_op &&
       operation == static_cast<std::uint32_t>(abi::Vcpu_op::register_vcpu_info)) ||
      (about_events &&
       (event_operation == init_control || event_operation == expand_array || event_operation == bind_ipi ||
        event_operation == bind_virq || event_operation == alloc_unbound || event_operation == bind_interdomain));
  return allocates && happens(faults_.no_memory) ? std::optional{abi::Errno::enomem} : std::nullopt;
}

}  // namespace enlighten::model_machine
