// SPDX-License-Identifier: MIT
// Puts lines together from what the ring or the UART gives, and waits where it gives nothing.
#include <runtime/console_input.hpp>

#include <new>
#include <utility>

#include <guest/bound_port.hpp>
#include <guest/pv_console.hpp>
#include <runtime/console.hpp>
#include <runtime/device_interrupt.hpp>

#include "pl011_input.hpp"

namespace enlighten::runtime {
namespace {

using Source = Console_input::Source;

class Ring_source final : public Source {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Source>> open(Guest& guest, guest::Pv_console& console,
                                                            guest::Ready_vcpu ready, Signal& signal) {
    std::unique_ptr<Ring_source> source{new Ring_source{console}};
    source->port_ = ENLIGHTEN_TRY(guest.events().attach(source->ring_.port(), ready, &signal));
    return source;
  }
  [[nodiscard]] Result<std::uint32_t> read(std::span<char> to) noexcept override { return ring_.read(to); }

 private:
  explicit Ring_source(guest::Pv_console& console) noexcept : ring_{console} {}

  guest::Pv_console_input ring_;
  guest::Bound_port port_;
};

class Uart_source final : public Source, Device_interrupt {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Source>> open(const guest::Uart_description& uart,
                                                            guest::Interrupt_line line, Signal& signal) {
    std::unique_ptr<Uart_source> source{new Uart_source{uart, line, signal}};
    source->input_.hold_interrupts();
    ENLIGHTEN_TRY(source->attach());
    source->attached_ = true;
    return source;
  }
  ~Uart_source() override {
    if (attached_) {
      input_.hold_interrupts();
      detach();
    }
  }
  [[nodiscard]] Result<std::uint32_t> read(std::span<char> to) noexcept override { return input_.read(to); }

 private:
  Uart_source(const guest::Uart_description& uart, guest::Interrupt_line line, Signal& signal) noexcept
      : Device_interrupt{line}, input_{uart.registers.base}, signal_{signal} {}

  void on_interrupt() noexcept override {
    input_.hold_interrupts();
    signal_.on_event(Port{0});
  }

  Pl011_input input_;
  Signal& signal_;
  bool attached_ = false;
};

[[nodiscard]] Result<std::unique_ptr<Source>> find_source(Guest& guest, Cpu cpu, Signal& signal) {
  const std::string_view wanted = guest.argument("input").value_or("");
  if (!wanted.empty() && wanted != "ring" && wanted != "uart") {
    return Error::make(Error_kind::argument, "bootargs: input=%.*s is not one of ring, uart",
                       static_cast<int>(wanted.size()), wanted.data());
  }
  guest::Pv_console* const ring = wanted == "uart" ? nullptr : console().toolstacks();
  if (ring != nullptr) {
    return Ring_source::open(guest, *ring, ENLIGHTEN_TRY(guest.ready(cpu)), signal);
  }
  if (wanted != "ring") {
    const auto uart = ENLIGHTEN_TRY(guest.tree().uart());
    const auto line = ENLIGHTEN_TRY(guest.tree().uart_interrupt());
    if (uart && line) {
      return Uart_source::open(*uart, *line, signal);
    }
  }
  return Error::make(Error_kind::unsupported,
                     "console: none here gives input: a toolstack makes one that does, and so "
                     "does a UART with an interrupt in the device tree");
}

}  // namespace

Result<std::unique_ptr<Console_input>> Console_input::open(Guest& guest, Cpu cpu) {
  if (this_vcpu().cpu != cpu) {
    return Error::make(Error_kind::argument, "console: the vCPU that is to read input opens it");
  }
  std::unique_ptr<Console_input> input{new Console_input{guest.vcpu(cpu)}};
  input->source_ = ENLIGHTEN_TRY(find_source(guest, cpu, input->signal_));
  return input;
}

bool Console_input::take_character(char character) noexcept {
  const bool second_half = std::exchange(after_return_, character == '\r') && character == '\n';
  if (character == '\r' || character == '\n') {
    return !second_half;
  }
  if (line_.size() == longest_line) {
    too_long_ = true;
  } else {
    line_ += character;
  }
  return false;
}

Task<Result<std::string>> Console_input::read_line() {
  for (;;) {
    while (next_ != end_) {
      if (!take_character(read_[next_++])) {
        continue;
      }
      std::string line = std::exchange(line_, {});
      const bool too_long = std::exchange(too_long_, false);
      if (std::exchange(torn_, false)) {
        continue;
      }
      if (too_long) {
        co_return Error::make(Error_kind::protocol, "console: a line of more than %zu characters", longest_line);
      }
      co_return line;
    }
    const Result<std::uint32_t> count = source_->read(read_);
    if (!count) {
      torn_ = true;
      co_return count.error();
    }
    next_ = 0;
    end_ = *count;
    if (end_ == 0) {
      // An event that has come since read() looked is remembered.
      static_cast<void>(co_await signal_);
    }
  }
}

}  // namespace enlighten::runtime
