// SPDX-License-Identifier: MIT
// Lines from the console: co_await input.read_line().
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <base/result.hpp>
#include <guest/bound_port.hpp>
#include <guest/pv_console.hpp>
#include <runtime/guest.hpp>
#include <runtime/signal.hpp>
#include <runtime/task.hpp>

namespace enlighten::runtime {

// One for an image, used by coroutines of one vCPU, one at a time. What is typed before it is there waits in the
// ring.
class Console_input {
 public:
  static constexpr std::size_t longest_line = 1024;

  // For coroutines on `vcpu`, which must be ready. An error where the console gives no input: only that of a domain
  // made by a toolstack does.
  [[nodiscard]] static Result<std::unique_ptr<Console_input>> open(Guest& guest, Cpu cpu) noexcept;

  Console_input(const Console_input&) = delete;
  Console_input& operator=(const Console_input&) = delete;

  // The next line, without its end: carriage return, line feed, or both. An error for one of more than longest_line
  // characters, and the line after it is the next; and for a ring that its backend has broken, which is for ever.
  // Nothing is echoed.
  [[nodiscard]] Task<Result<std::string>> read_line();

 private:
  Console_input(guest::Pv_console& console, Vcpu& vcpu) noexcept : ring_{console}, signal_{vcpu} {}

  // What has been read ends a line.
  [[nodiscard]] bool take_character(char character) noexcept;

  guest::Pv_console_input ring_;
  Signal signal_;
  guest::Bound_port port_;
  std::array<char, 256> read_{};
  std::size_t next_ = 0;  // of what was read, the first that no line has yet
  std::size_t end_ = 0;
  std::string line_;
  bool too_long_ = false;
  bool after_return_ = false;  // a line feed belongs to the line that has just ended
};

}  // namespace enlighten::runtime
