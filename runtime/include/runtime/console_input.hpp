// SPDX-License-Identifier: MIT
// Lines from the console: co_await input.read_line().
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <base/result.hpp>
#include <runtime/guest.hpp>
#include <runtime/signal.hpp>
#include <runtime/task.hpp>

namespace enlighten::runtime {

// One for an image, used by coroutines of one vCPU, one at a time. What is typed before it is there waits in the
// console's ring, or in the UART.
class Console_input {
 public:
  // Where the characters come from.
  class Source {
   public:
    virtual ~Source() = default;
    // How many have been taken; 0: there are none, and the signal will tell of the next.
    [[nodiscard]] virtual Result<std::uint32_t> read(std::span<char> to) noexcept = 0;
  };

  static constexpr std::size_t longest_line = 1024;

  // For coroutines on `cpu`, which must be ready, and by one of them. Reads the console that a toolstack made; else
  // the UART of the device tree, Xen's (vpl011) or a real one, whose vCPU is not to be turned off. The boot
  // argument input=ring or input=uart has it one of the two. An error where there is none that gives input.
  [[nodiscard]] static Result<std::unique_ptr<Console_input>> open(Guest& guest, Cpu cpu);

  Console_input(const Console_input&) = delete;
  Console_input& operator=(const Console_input&) = delete;

  // The next line, without its end: carriage return, line feed, or both. An error for one of more than longest_line
  // characters, and the line after it is the next; for a ring that its backend has broken, which is for ever; and
  // for a UART that has lost characters, which is the end of the line they were in. Nothing is echoed.
  [[nodiscard]] Task<Result<std::string>> read_line();

 private:
  explicit Console_input(Vcpu& vcpu) noexcept : signal_{vcpu} {}

  // What has been read ends a line.
  [[nodiscard]] bool take_character(char character) noexcept;

  Signal signal_;
  std::unique_ptr<Source> source_;
  std::array<char, 256> read_{};
  std::size_t next_ = 0;  // of what was read, the first that no line has yet
  std::size_t end_ = 0;
  std::string line_;
  bool too_long_ = false;
  bool torn_ = false;          // the line that is being read: nobody gets it
  bool after_return_ = false;  // a line feed belongs to the line that has just ended
};

}  // namespace enlighten::runtime
