// SPDX-License-Identifier: MIT
// The user's terminal while it belongs to a shell in dom0.
#include <runner/toolstack/shell_terminal.hpp>

#include <csignal>
#include <cstdio>

#include <unistd.h>

#include <runner/interruption.hpp>

namespace enlighten::runner {
namespace {

constexpr char end_of_input = '\x04';  // Ctrl-D
constexpr char leave = '\x1d';         // Ctrl-]

}  // namespace

Shell_terminal::Shell_terminal() {
  termios settings{};
  if (tcgetattr(STDIN_FILENO, &settings) != 0) {
    return;
  }
  before_ = settings;
  // Output stays as it is: the lines of guests come in between.
  settings.c_iflag &= ~static_cast<tcflag_t>(ICRNL | IXON | INLCR | IGNCR | ISTRIP);
  settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
  settings.c_cc[VMIN] = 1;
  settings.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

Shell_terminal::~Shell_terminal() {
  if (before_) {
    tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
  }
}

std::string Shell_terminal::typed(std::string_view bytes) const {
  if (before_ && bytes.contains(leave)) {
    throw Interrupted{SIGINT};
  }
  return bytes.empty() ? std::string{end_of_input} : std::string{bytes};
}

void Shell_terminal::show(std::string_view bytes) {
  std::fwrite(bytes.data(), 1, bytes.size(), stdout);
  std::fflush(stdout);
}

}  // namespace enlighten::runner
