// SPDX-License-Identifier: MIT
// What <arch/...> asks of a vCPU: calls go to the model, waiting goes to the processor.
#include <model/affinity.hpp>
#include <model_machine/fiber_processor.hpp>

namespace enlighten::model_machine {
namespace {

constexpr std::uint64_t nanoseconds_a_second = 1'000'000'000;

}  // namespace

std::int64_t Fiber_vcpu::hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) {
  return domain_.hypercall(id_, static_cast<std::uint64_t>(number), arguments);
}

arch::Smccc_result Fiber_vcpu::smccc(arch::Conduit /*conduit*/, std::uint32_t function,
                                     const std::array<std::uint64_t, 3>& arguments) {
  const model::Domain::Firmware_answer answer = domain_.firmware_call(id_, function, arguments);
  if (answer.turns_caller_off) {
    processor_.leave_for_ever();
  }
  return {answer.registers[0], answer.registers[1], answer.registers[2], answer.registers[3]};
}

Mpidr Fiber_vcpu::current_mpidr() {
  return model::affinity_of(id_);
}

// Ends early where an interrupt is pending, masked or not.
void Fiber_vcpu::wait_for_interrupt() {
  processor_.wait_for("an interrupt", [this] {
    return domain_.vcpu(id_).upcall_pending.load(std::memory_order_acquire) || timer_due();
  });
}

void Fiber_vcpu::relax() {
  processor_.schedule_.spins(processor_.current_);
  processor_.step_named("spin", nullptr);
}

void Fiber_vcpu::before_shared_access(const void* where) {
  processor_.step_named("access", where);
}

std::uint64_t Fiber_vcpu::counter() {
  return processor_.now();
}
std::uint64_t Fiber_vcpu::counter_frequency() {
  return nanoseconds_a_second;
}
bool Fiber_vcpu::timer_due() {
  return timer_ && *timer_ <= processor_.now();
}

bool Fiber_vcpu::acknowledge_upcall() {
  processor_.step_named("acknowledge", nullptr);
  return domain_.vcpu(id_).upcall_pending.exchange(false, std::memory_order_acq_rel);
}

}  // namespace enlighten::model_machine
