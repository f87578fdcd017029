// SPDX-License-Identifier: MIT
// One job at a desk, handed over and taken back by one word.
#include <conformance/differential/workers.hpp>

#include <conformance/calls.hpp>

namespace enlighten::conformance::differential {
namespace {

void give_way() noexcept {
  static_cast<void>(arch::hypercall(abi::Hypercall::sched_op, static_cast<std::uint64_t>(abi::Sched_op::yield)));
}

}  // namespace

void Workers::serve(std::uint32_t vcpu) noexcept {
  Desk& desk = desks_[vcpu];
  desk.occupied.store(true, std::memory_order_release);
  while (!desk.dismissed.load(std::memory_order_acquire)) {
    // Acquire: pairs with run()'s release of the job, whose fields were written before; weaker, half of them might
    // be seen.
    Job* const job = desk.job.load(std::memory_order_acquire);
    if (job == nullptr) {
      give_way();
      continue;
    }
    job->run();
    // Release: pairs with run()'s acquire, after which the job's results are read.
    desk.job.store(nullptr, std::memory_order_release);
  }
  desk.occupied.store(false, std::memory_order_release);
}

void Workers::wait_for(std::uint32_t vcpu) noexcept {
  while (!desks_[vcpu].occupied.load(std::memory_order_acquire)) {
    give_way();
  }
}

void Workers::run(std::uint32_t vcpu, Job& job) noexcept {
  if (vcpu == 0) {
    job.run();
    return;
  }
  Desk& desk = desks_[vcpu];
  desk.job.store(&job, std::memory_order_release);
  while (desk.job.load(std::memory_order_acquire) != nullptr) {
    give_way();
  }
}

void Workers::dismiss() noexcept {
  for (std::uint32_t vcpu = 1; vcpu != working_vcpus; ++vcpu) {
    Desk& desk = desks_[vcpu];
    desk.dismissed.store(true, std::memory_order_release);
    while (desk.occupied.load(std::memory_order_acquire)) {
      give_way();
    }
  }
}

}  // namespace enlighten::conformance::differential
