// SPDX-License-Identifier: MIT
// Puts lines together from what the ring gives, and waits for its event where it gives nothing.
#include <runtime/console_input.hpp>

#include <new>
#include <utility>

#include <runtime/console.hpp>

namespace enlighten::runtime {

Result<std::unique_ptr<Console_input>> Console_input::open(Guest& guest, Cpu cpu) noexcept {
  guest::Pv_console* const ring = console().toolstacks();
  if (ring == nullptr) {
    return Error::make(Error_kind::unsupported,
                       "console: this one gives no input; that of a domain made by a toolstack does");
  }
  const guest::Ready_vcpu ready = ENLIGHTEN_TRY(guest.ready(cpu));
  std::unique_ptr<Console_input> input{new Console_input{*ring, guest.vcpu(cpu)}};
  input->port_ = ENLIGHTEN_TRY(guest.events().attach(input->ring_.port(), ready, &input->signal_));
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
      if (std::exchange(too_long_, false)) {
        co_return Error::make(Error_kind::protocol, "console: a line of more than %zu characters", longest_line);
      }
      co_return line;
    }
    const Result<std::uint32_t> count = ring_.read(read_);
    if (!count) {
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
