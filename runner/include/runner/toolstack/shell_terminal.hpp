// SPDX-License-Identifier: MIT
// The user's terminal while it belongs to a shell in dom0.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <termios.h>

namespace enlighten::runner {

// Keys go to the shell one by one, Ctrl-C among them, and the shell echoes them; the terminal is as it was when
// this goes. Without a terminal, standard input is read as it is.
class Shell_terminal {
 public:
  Shell_terminal();
  Shell_terminal(const Shell_terminal&) = delete;
  Shell_terminal& operator=(const Shell_terminal&) = delete;
  ~Shell_terminal();

  // What the shell is to read of what was typed; the end of the input, which has no bytes, becomes its Ctrl-D.
  // Throws Interrupted for Ctrl-], by which the user leaves whatever dom0 is doing.
  [[nodiscard]] std::string typed(std::string_view bytes) const;

  static void show(std::string_view bytes);

 private:
  std::optional<termios> before_;
};

}  // namespace enlighten::runner
