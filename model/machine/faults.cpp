// SPDX-License-Identifier: MIT
// Which calls the faults touch.
#include <model_machine/faults.hpp>

#include <abi/event_channel.hpp>
#include <abi/vcpu_op.hpp>

namespace enlighten::model_machine {

bool Fault_source::happens(std::uint32_t in_a_thousand) {
  return in_a_thousand != 0 && random_() % 1000 < in_a_thousand;
}

bool Fault_source::brings_spurious_upcall() {
  if (spurious_upcalls_left_ == 0 || !happens(faults_.spurious_upcalls)) {
    return false;
  }
  --spurious_upcalls_left_;
  return true;
}

std::optional<std::uint64_t> Fault_source::begins_after() {
  // In the model's time, in which a step takes 100 ns: up to some ten thousand steps of everybody.
  constexpr std::uint64_t latest = 1'000'000;
  if (happens(faults_.absent_vcpus)) {
    return std::nullopt;
  }
  return happens(faults_.late_vcpus) ? any_of(latest) : 0;
}

std::uint64_t Fault_source::upcall_delay() {
  // Some hundred steps.
  constexpr std::uint64_t longest = 20'000;
  return happens(faults_.late_upcalls) ? 1 + any_of(longest) : 0;
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
