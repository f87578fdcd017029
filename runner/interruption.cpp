// SPDX-License-Identifier: MIT
// Ctrl-C and its relatives, taken where the runner waits.
#include <runner/interruption.hpp>

#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

#include <runner/failure.hpp>

namespace enlighten::runner {
namespace {

sigset_t handled_signals() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

std::string_view signal_name(int signal) noexcept {
  const char* const text = sigabbrev_np(signal);
  return text != nullptr ? text : "unknown";
}

Interruption& Interruption::instance() {
  static Interruption interruption;
  return interruption;
}

Interruption::Interruption() {
  const sigset_t set = handled_signals();
  sigprocmask(SIG_BLOCK, &set, nullptr);
  descriptor_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor_ < 0) {
    throw Failure{"this system offers no signalfd; the enlighten command needs Linux"};
  }
}

Interruption::~Interruption() {
  close(descriptor_);
}

void Interruption::check() {
  signalfd_siginfo information{};
  if (read(descriptor_, &information, sizeof information) == sizeof information) {
    throw Interrupted{static_cast<int>(information.ssi_signo)};
  }
}

void Interruption::restore_defaults() noexcept {
  const sigset_t set = handled_signals();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGHUP, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace enlighten::runner
