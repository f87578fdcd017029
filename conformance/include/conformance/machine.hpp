// SPDX-License-Identifier: MIT
// What the cases need of whatever they run on: an image on Xen, or a program around the model.
#pragma once

#include <cstdint>
#include <optional>

#include <abi/frame.hpp>
#include <abi/shared_info.hpp>
#include <abi/vcpu_info.hpp>
#include <base/ids.hpp>

namespace enlighten::conformance {

// Cases run on one vCPU, whose id is 0 and whose vcpu_info is registered. The others are off, and neither a
// vcpu_info nor a control block of theirs is registered. Guest-physical addresses are addresses. Runs out of
// nothing: a machine that has no more of what is asked for ends the run.
class Machine {
 public:
  [[nodiscard]] virtual std::uint32_t vcpus() noexcept = 0;
  // Whether Xen keeps ordinary domains apart (XSM SILO, the default on Arm); it does not tell.
  [[nodiscard]] virtual bool silo() noexcept = 0;
  [[nodiscard]] virtual abi::Shared_info& shared_info() noexcept = 0;
  // Of the calling vCPU.
  [[nodiscard]] virtual abi::Vcpu_info& vcpu_info() noexcept = 0;

  // A page of RAM, zeroed, that nobody had before.
  [[nodiscard]] virtual void* page() noexcept = 0;
  // A frame with nothing behind it, which nobody had before. What Xen puts there can be accessed at its address.
  [[nodiscard]] virtual abi::Gfn hole() noexcept = 0;

  // Code at which CPU_ON can start any other vCPU below 16: it notes that it runs, and waits.
  [[nodiscard]] virtual std::uint64_t sleeper() noexcept = 0;
  // The context that `vcpu` was started with; empty if it does not run, not even after a moment.
  [[nodiscard]] virtual std::optional<std::uint64_t> awake(Vcpu_id vcpu) noexcept = 0;
  // Lets a sleeper turn itself off, and returns when it can be turned on again.
  virtual void dismiss(Vcpu_id vcpu) noexcept = 0;

 protected:
  Machine() = default;
  Machine(const Machine&) = default;
  Machine& operator=(const Machine&) = default;
  ~Machine() = default;
};

}  // namespace enlighten::conformance
