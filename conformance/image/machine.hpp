// SPDX-License-Identifier: MIT
// The machine of an image: Xen itself is beneath.
#pragma once

#include <conformance/machine.hpp>
#include <guest/machine.hpp>
#include <runtime/guest.hpp>

namespace enlighten::conformance {

class Image_machine final : public Machine {
 public:
  // `holes`: where nothing is, but for the page that start-up has used for shared_info.
  Image_machine(runtime::Guest& guest, guest::Memory_range holes) noexcept;

  [[nodiscard]] std::uint32_t vcpus() noexcept override { return guest_.cpus(); }
  [[nodiscard]] bool silo() noexcept override { return guest_.argument("silo") != "off"; }
  [[nodiscard]] abi::Shared_info& shared_info() noexcept override { return guest_.shared_info(); }
  [[nodiscard]] abi::Vcpu_info& vcpu_info() noexcept override { return guest_.vcpu_info(Cpu{0}); }
  [[nodiscard]] void* page() noexcept override;
  [[nodiscard]] abi::Gfn hole() noexcept override;
  [[nodiscard]] std::uint64_t sleeper() noexcept override;
  [[nodiscard]] std::uint64_t storer(std::uint64_t address) noexcept override;
  [[nodiscard]] std::uint64_t taker() noexcept override;
  [[nodiscard]] std::optional<std::uint64_t> foreign_caller() noexcept override;
  [[nodiscard]] std::optional<std::uint64_t> awake(Vcpu_id vcpu) noexcept override;
  [[nodiscard]] bool is_done(Vcpu_id vcpu, Wait wait) noexcept override;
  [[nodiscard]] bool has_taken_exception(Vcpu_id vcpu, Wait wait) noexcept override;
  [[nodiscard]] std::uint32_t interrupts_taken(Vcpu_id vcpu, std::uint32_t enough, Wait wait) noexcept override;
  [[nodiscard]] std::uint64_t syndrome(Vcpu_id vcpu) noexcept override;
  [[nodiscard]] std::uint32_t take_interrupts() noexcept override;
  void forget(Vcpu_id vcpu) noexcept override;
  void let_go(Vcpu_id vcpu) noexcept override;
  void dismiss(Vcpu_id vcpu) noexcept override;

 private:
  runtime::Guest& guest_;
  std::uint64_t next_hole_;
  std::uint64_t end_of_holes_;
};

}  // namespace enlighten::conformance
