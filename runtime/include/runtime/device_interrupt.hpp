// SPDX-License-Identifier: MIT
// Interrupts of devices, taken by the loop of a vCPU like all others.
#pragma once

#include <base/result.hpp>
#include <guest/machine.hpp>
#include <runtime/vcpu.hpp>

namespace enlighten::runtime {

// One interrupt line and what is done when it comes: derive from it. What is attached must outlive that.
class Device_interrupt {
 public:
  Device_interrupt(const Device_interrupt&) = delete;
  Device_interrupt& operator=(const Device_interrupt&) = delete;

  // From here on the calling vCPU takes it, which is not to be turned off before detach(): nobody else would. An
  // error for a line that the interrupt controller does not have, or that another one is attached to on this vCPU.
  [[nodiscard]] Result<> attach() noexcept;
  // By the same vCPU. It comes no more when this returns.
  void detach() noexcept;

 protected:
  explicit Device_interrupt(guest::Interrupt_line line) noexcept : line_{line} {}
  ~Device_interrupt() = default;

  // Between two pieces of the vCPU's work. Of a level the device must have been told to let go, and have heard it,
  // by the time this returns; it would come again at once.
  virtual void on_interrupt() noexcept = 0;

 private:
  [[nodiscard]] static bool take(Vcpu& self, Interrupt interrupt) noexcept;
  [[nodiscard]] static Device_interrupt* find(Vcpu& self, Interrupt interrupt) noexcept;

  guest::Interrupt_line line_;
  Device_interrupt* next_ = nullptr;
};

}  // namespace enlighten::runtime
