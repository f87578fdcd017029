// SPDX-License-Identifier: MIT
// What stops a command: one clear sentence that says what is wrong and what to do about it.
#pragma once

#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace enlighten::runner {

// Ends the command with the exit code of `error`: whatever stops the runner is never the fault of the guest.
class Failure : public std::runtime_error {
 public:
  template <typename... Arguments>
  explicit Failure(fmt::format_string<Arguments...> format, Arguments&&... arguments)
      : std::runtime_error{fmt::format(format, std::forward<Arguments>(arguments)...)} {}
};

}  // namespace enlighten::runner
