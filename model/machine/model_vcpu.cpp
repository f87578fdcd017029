// SPDX-License-Identifier: MIT
// What <arch/...> asks of a vCPU: calls go to the model, waiting goes to whoever runs it.
#include <model_machine/model_vcpu.hpp>

#include <model/affinity.hpp>
#include <model_machine/vcpu_runner.hpp>

namespace enlighten::model_machine {
namespace {

constexpr std::uint64_t nanoseconds_a_second = 1'000'000'000;

}  // namespace

void Model_vcpu::reset() {
  disarm_timer();
  masked_ = true;
  cpu_local = nullptr;
  translation_.reset();
}

std::int64_t Model_vcpu::hypercall(abi::Hypercall number, const arch::hosted::Hypercall_arguments& arguments) {
  runner_.enter_xen();
  const std::int64_t result = domain_.hypercall(id_, static_cast<std::uint64_t>(number), arguments);
  runner_.leave_xen();
  leave_if_shut_down();
  return result;
}

// A vCPU of a domain that is shut down executes nothing more, not even what follows its own call.
void Model_vcpu::leave_if_shut_down() {
  if (domain_.shut_down()) {
    runner_.leave_for_ever();
  }
}

arch::Smccc_result Model_vcpu::smccc(arch::Conduit /*conduit*/, std::uint32_t function,
                                     const std::array<std::uint64_t, 3>& arguments) {
  runner_.enter_xen();
  const model::Domain::Firmware_answer answer = domain_.firmware_call(id_, function, arguments);
  runner_.leave_xen();
  if (answer.turns_caller_off) {
    runner_.leave_for_ever();
  }
  leave_if_shut_down();
  return {answer.registers[0], answer.registers[1], answer.registers[2], answer.registers[3]};
}

Mpidr Model_vcpu::current_mpidr() {
  return model::affinity_of(id_);
}

bool Model_vcpu::interrupt_is_pending() {
  if (model::Gic* const controller = domain_.gic(); controller != nullptr) {
    return controller->wakes(asker());
  }
  return domain_.vcpu(id_).upcall_pending.load(std::memory_order_relaxed) || timer_due();
}

void Model_vcpu::wait_for_interrupt() {
  if (domain_.upcall_flag_keeps_awake(id_)) {
    runner_.spin();
    return;
  }
  runner_.wait_for("an interrupt", [this] { return interrupt_is_pending() || domain_.shut_down(); });
}

void Model_vcpu::relax() {
  runner_.spin();
}

void Model_vcpu::before_shared_access(const void* where) {
  runner_.step_named("access", where);
}

std::uint64_t Model_vcpu::counter() {
  return runner_.now();
}
std::uint64_t Model_vcpu::counter_frequency() {
  return nanoseconds_a_second;
}
void Model_vcpu::arm_timer(std::uint64_t deadline) {
  timer_delivered_ = false;
  timer_.store(deadline, std::memory_order_relaxed);
}
bool Model_vcpu::timer_due() {
  const std::uint64_t deadline = timer();
  return deadline != no_timer && deadline <= runner_.now();
}

bool Model_vcpu::acknowledge_upcall() {
  runner_.step_named("acknowledge", nullptr);
  return domain_.vcpu(id_).upcall_pending.exchange(false, std::memory_order_relaxed);
}

}  // namespace enlighten::model_machine
