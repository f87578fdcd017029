// SPDX-License-Identifier: MIT
// The machine of a program: the model is beneath.
#pragma once

#include <atomic>
#include <vector>

#include <conformance/machine.hpp>
#include <model/domain.hpp>

namespace enlighten::conformance {

class Model_machine final : public Machine {
 public:
  explicit Model_machine(model::Domain& domain);

  // By vCPU 0, first of all: shared_info and its vcpu_info. False if the model refuses.
  [[nodiscard]] bool boot();
  // What a vCPU does that a case has turned on.
  void sleep(Vcpu_id vcpu, std::uint64_t context);

  [[nodiscard]] std::uint32_t vcpus() noexcept override { return domain_.options().vcpus; }
  [[nodiscard]] bool silo() noexcept override { return domain_.silo(); }
  [[nodiscard]] abi::Shared_info& shared_info() noexcept override { return *shared_info_; }
  [[nodiscard]] abi::Vcpu_info& vcpu_info() noexcept override { return *vcpu_info_; }
  [[nodiscard]] void* page() noexcept override;
  [[nodiscard]] abi::Gfn hole() noexcept override;
  [[nodiscard]] std::uint64_t sleeper() noexcept override;
  [[nodiscard]] std::uint64_t storer(std::uint64_t address) noexcept override;
  [[nodiscard]] std::uint64_t taker() noexcept override;
  [[nodiscard]] std::optional<std::uint64_t> foreign_caller() noexcept override { return std::nullopt; }
  [[nodiscard]] std::optional<std::uint64_t> awake(Vcpu_id vcpu) noexcept override;
  [[nodiscard]] bool is_done(Vcpu_id vcpu, Wait wait) noexcept override;
  [[nodiscard]] bool has_taken_exception(Vcpu_id vcpu, Wait wait) noexcept override;
  [[nodiscard]] std::uint32_t interrupts_taken(Vcpu_id vcpu, std::uint32_t enough, Wait wait) noexcept override;
  [[nodiscard]] std::uint64_t syndrome(Vcpu_id vcpu) noexcept override { return beds_[vcpu.value()].syndrome; }
  [[nodiscard]] std::uint32_t take_interrupts() noexcept override;
  void forget(Vcpu_id vcpu) noexcept override { beds_[vcpu.value()].taken = false; }
  void let_go(Vcpu_id vcpu) noexcept override { beds_[vcpu.value()].dismissed = true; }
  void dismiss(Vcpu_id vcpu) noexcept override;

 private:
  struct Bed {
    std::uint64_t context = 0;
    std::atomic<bool> taken{false};
    std::atomic<bool> dismissed{false};
    std::atomic<bool> done{false};
    std::atomic<bool> taken_exception{false};
    std::atomic<std::uint64_t> syndrome{0};
    std::atomic<std::uint32_t> interrupts{0};
  };
  enum class Task : std::uint8_t { none, store, take_interrupts };

  [[nodiscard]] std::uint64_t sleeper_with(Task task, std::uint64_t argument);
  void store(Bed& bed, std::uint64_t place);
  void take_interrupts_of(Vcpu_id vcpu);

  model::Domain& domain_;
  std::uint64_t next_page_;
  std::uint64_t next_hole_;
  abi::Shared_info* shared_info_ = nullptr;
  abi::Vcpu_info* vcpu_info_ = nullptr;
  std::vector<Bed> beds_;  // by vCPU id
  std::atomic<Task> task_{Task::none};
  std::atomic<std::uint64_t> argument_{0};
};

}  // namespace enlighten::conformance
