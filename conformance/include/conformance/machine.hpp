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

// A moment: for what is not to happen. Patiently: for what must happen, however busy the machine is.
enum class Wait : std::uint8_t { a_moment, patiently };

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

  // Acknowledges and completes the interrupts that are pending for the calling vCPU, until there is none or it is
  // clear that they do not end; how many there were.
  [[nodiscard]] virtual std::uint32_t take_interrupts() noexcept = 0;

  // Code at which CPU_ON can start any other vCPU below 16: it notes that it runs, and waits.
  [[nodiscard]] virtual std::uint64_t sleeper() noexcept = 0;
  // The same for code that stores the word 1 at `address` once it runs, tries again whatever that is answered with,
  // and notes when it is done. How it tries is the machine's: nobody but this vCPU comes to harm.
  [[nodiscard]] virtual std::uint64_t storer(std::uint64_t address) noexcept = 0;
  // For code that turns on its vCPU's part of the interrupt controller with the upcall interrupt, notes when that
  // is done, and from then on acknowledges and completes what comes.
  [[nodiscard]] virtual std::uint64_t taker() noexcept = 0;
  // For code that makes an HVC whose immediate is neither Xen's nor the firmware's, and notes when it is past that.
  // Nothing where there is no such instruction.
  [[nodiscard]] virtual std::optional<std::uint64_t> foreign_caller() noexcept = 0;
  // The context that `vcpu` was started with; empty if it does not run, however long one waits.
  [[nodiscard]] virtual std::optional<std::uint64_t> awake(Vcpu_id vcpu) noexcept = 0;
  // Whether it has done what it notes when done, and whether it has taken an exception: now, or after a wait.
  [[nodiscard]] virtual bool is_done(Vcpu_id vcpu, Wait wait) noexcept = 0;
  [[nodiscard]] virtual bool has_taken_exception(Vcpu_id vcpu, Wait wait) noexcept = 0;
  // How many interrupts a taker has taken: as soon as there are `enough`, or after the wait.
  [[nodiscard]] virtual std::uint32_t interrupts_taken(Vcpu_id vcpu, std::uint32_t enough, Wait wait) noexcept = 0;
  // ESR_EL1 of the last exception that it has taken.
  [[nodiscard]] virtual std::uint64_t syndrome(Vcpu_id vcpu) noexcept = 0;
  // Of a sleeper that is awake: awake() waits for the next one.
  virtual void forget(Vcpu_id vcpu) noexcept = 0;
  // Lets a sleeper turn itself off as soon as it comes to that, also one that is still to start.
  virtual void let_go(Vcpu_id vcpu) noexcept = 0;
  // The same, and returns when it can be turned on again.
  virtual void dismiss(Vcpu_id vcpu) noexcept = 0;

 protected:
  Machine() = default;
  Machine(const Machine&) = default;
  Machine& operator=(const Machine&) = default;
  ~Machine() = default;
};

}  // namespace enlighten::conformance
