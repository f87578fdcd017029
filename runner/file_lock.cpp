// SPDX-License-Identifier: MIT
// Keeps two runs of the command from working in the same folder at once.
#include <runner/file_lock.hpp>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <runner/failure.hpp>
#include <runner/interruption.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {

File_lock::File_lock(const std::filesystem::path& file) {
  using namespace std::chrono_literals;
  descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) {
    throw Failure{"{} cannot be opened: {}", file.string(), std::strerror(errno)};
  }
  std::optional<Step> waiting;
  while (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (!waiting) {
      waiting.emplace(fmt::format("waiting for another run of this command, which holds {}", file.string()));
    }
    waiting->alive();
    Interruption::instance().check();
    std::this_thread::sleep_for(100ms);
  }
  if (waiting) {
    waiting->done();
  }
}

File_lock::~File_lock() {
  close(descriptor_);
}

}  // namespace enlighten::runner
