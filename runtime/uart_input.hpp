// SPDX-License-Identifier: MIT
// What is typed at a PL011, or at the part of one that Xen plays for a domain.
#pragma once

#include <cstdint>
#include <span>

#include <base/result.hpp>
#include <guest/machine.hpp>
#include <runtime/device_interrupt.hpp>
#include <runtime/signal.hpp>

namespace enlighten::runtime {

// Used on the vCPU that takes its interrupt. Characters wait in the device, as many as it has room for: there is no
// interrupt from the one that says that some are there until all have been read.
class Uart_input final : Device_interrupt {
 public:
  // The registers are mapped; `signal` is told when there is something to read.
  Uart_input(const guest::Uart_description& uart, guest::Interrupt_line line, Signal& signal) noexcept
      : Device_interrupt{line}, base_{uart.registers.base}, signal_{signal} {}
  ~Uart_input();

  [[nodiscard]] Result<> start() noexcept;

  // How many were there and have been taken; 0: none, and `signal` will tell. Those that arrived damaged are left
  // out. An error if some were lost because nobody read.
  [[nodiscard]] Result<std::uint32_t> read(std::span<char> to) noexcept;

 private:
  void on_interrupt() noexcept override;

  std::uintptr_t base_;
  Signal& signal_;
  bool attached_ = false;
};

}  // namespace enlighten::runtime
