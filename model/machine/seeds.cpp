// SPDX-License-Identifier: MIT
// A process forked for each run that is asked for.
#include "seeds.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace enlighten::model_machine {
namespace {

// False at the end of the channel.
template <typename Number>
bool read_whole(int channel, Number& number) {
  std::size_t have = 0;
  while (have < sizeof number) {
    const ssize_t length = read(channel, reinterpret_cast<std::byte*>(&number) + have, sizeof number - have);
    if (length == 0 || (length < 0 && errno != EINTR)) {
      return false;
    }
    have += length < 0 ? 0 : static_cast<std::size_t>(length);
  }
  return true;
}

// Ends with whoever forked it, whom a signal may end that cannot be passed on.
void end_with(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    std::_Exit(EXIT_FAILURE);
  }
}

}  // namespace

int run_for_each_seed(int channel, const std::function<void(std::uint64_t seed)>& run) {
  const pid_t own = getpid();
  std::uint64_t seed = 0;
  while (read_whole(channel, seed)) {
    const pid_t child = fork();
    if (child == 0) {
      close(channel);
      end_with(own);
      run(seed);
      std::_Exit(EXIT_SUCCESS);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (child < 0 || write(channel, &status, sizeof status) != sizeof status) {
      std::perror("enlighten: a run that was asked for cannot be made");
      return EXIT_FAILURE;
    }
  }
  return EXIT_SUCCESS;
}

}  // namespace enlighten::model_machine
