// SPDX-License-Identifier: MIT
// What the person at the terminal sees besides the guest's console.
#include <runner/terminal.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>

#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace enlighten::runner {
namespace {

using namespace std::chrono_literals;

// What is over sooner is not worth a line.
constexpr auto before_shown = 300ms;
constexpr auto between_rewrites = 200ms;
constexpr auto between_lines = 10s;

bool steps_on_terminal() {
  static const bool answer = isatty(STDERR_FILENO) == 1 && std::getenv("TERM") != nullptr;
  return answer;
}

std::size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

void rewrite(std::string line) {
  if (line.size() >= terminal_width()) {
    line.resize(terminal_width() - 1);
  }
  fmt::print(stderr, "\r\033[K{}", line);
  std::fflush(stderr);
}

}  // namespace

std::string coloured(Colour colour, std::string_view text) {
  static const bool wanted = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  constexpr std::array codes{"0", "31", "32", "33", "2"};
  if (!wanted || colour == Colour::plain) {
    return std::string{text};
  }
  return fmt::format("\033[{}m{}\033[0m", codes[static_cast<std::size_t>(colour)], text);
}

Step::Step(std::string what) : what_{std::move(what)}, began_{Clock::now()}, told_{began_} {}

Step::~Step() {
  if (shown_ && !done_ && steps_on_terminal()) {
    fmt::print(stderr, "\n");
  }
}

std::chrono::seconds Step::age() const {
  return std::chrono::floor<std::chrono::seconds>(Clock::now() - began_);
}

void Step::alive(std::string_view detail) {
  const auto now = Clock::now();
  const std::string_view gap = detail.empty() ? "" : ": ";
  if (!shown_ && now - began_ < before_shown) {
    return;
  }
  if (steps_on_terminal() && (!shown_ || now - told_ >= between_rewrites)) {
    told_ = now;
    constexpr std::string_view wheel = "|/-\\";
    const auto turn = static_cast<std::size_t>((now - began_) / between_rewrites) % wheel.size();
    rewrite(fmt::format("enlighten: {} {} {} s{}{}", what_, wheel[turn], age().count(), gap, detail));
  } else if (!steps_on_terminal() && !shown_) {
    told_ = now;
    fmt::print(stderr, "enlighten: {} ...\n", what_);
  } else if (!steps_on_terminal() && now - told_ >= between_lines) {
    told_ = now;
    fmt::print(stderr, "enlighten: {}, {} s so far{}{}\n", what_, age().count(), gap, detail);
  }
  shown_ = true;
}

void Step::done(std::string_view result) {
  done_ = true;
  if (shown_ && steps_on_terminal()) {
    rewrite({});
  }
  if (!result.empty() || (shown_ && steps_on_terminal())) {
    fmt::print(stderr, "enlighten: {}: {}\n", what_, result.empty() ? "done" : result);
  }
}

Completed Step::run(const Command& command) {
  return runner::run(command, [this](std::string_view last_line) { alive(last_line); });
}

}  // namespace enlighten::runner
