// SPDX-License-Identifier: MIT
// Another program, run as a child that is always reaped and never outlives the runner.
#include <runner/process.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <runner/failure.hpp>
#include <runner/interruption.hpp>

namespace enlighten::runner {
namespace {

using namespace std::chrono_literals;

constexpr auto time_to_end_politely = 2s;
constexpr std::chrono::milliseconds longest_wait = 1h;

struct Pipe {
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      throw Failure{"no pipe to a child process: {}", std::strerror(errno)};
    }
    reader = ends[0];
    writer = ends[1];
  }
  int reader;
  int writer;
};

// Between fork and exec. What fails is told through `failure`, which a successful exec closes.
[[noreturn]] void become(const Command& command, char* const* words, pid_t parent, int output, int error,
                         std::span<int> channels, int failure) noexcept {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) {
    _exit(127);  // the runner died before the kernel knew of our wish
  }
  Interruption::restore_defaults();
  const int input = open("/dev/null", O_RDONLY);
  // What is still needed makes room for the channels first.
  const int behind_channels = first_channel + static_cast<int>(channels.size());
  failure = fcntl(failure, F_DUPFD_CLOEXEC, behind_channels);
  bool connected = input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
                   dup2(error, STDERR_FILENO) >= 0;
  for (int& channel : channels) {
    channel = fcntl(channel, F_DUPFD_CLOEXEC, behind_channels);
  }
  for (std::size_t index = 0; index < channels.size(); ++index) {
    connected = connected && dup2(channels[index], first_channel + static_cast<int>(index)) >= 0;
  }
  const bool placed = command.directory.empty() || chdir(command.directory.c_str()) == 0;
  for (const auto& [name, value] : command.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  if (connected && placed) {
    execvp(words[0], words);
  }
  const int reason = errno;
  [[maybe_unused]] const ssize_t told = write(failure, &reason, sizeof reason);
  _exit(127);
}

bool plain_in_shell(std::string_view word) noexcept {
  return !word.empty() && word.find_first_not_of(
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-+=./:,@%") == std::string_view::npos;
}

}  // namespace

std::string Command::text() const {
  std::string line;
  for (const std::string& word : words) {
    line += line.empty() ? "" : " ";
    if (plain_in_shell(word)) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char one : word) {
      line += one == '\'' ? std::string{"'\\''"} : std::string{one};
    }
    line += '\'';
  }
  return line;
}

Exit_status Exit_status::of(int wait_status) noexcept {
  if (WIFSIGNALED(wait_status)) {
    return {.code = 0, .signal = WTERMSIG(wait_status)};
  }
  return {.code = WEXITSTATUS(wait_status), .signal = 0};
}

std::string Exit_status::text() const {
  return signal != 0 ? fmt::format("by signal {}", signal_name(signal)) : fmt::format("with status {}", code);
}

Child::Child(const Command& command) {
  Interruption::instance();  // signals are held back from here on: none may find a child nobody knows of
  std::vector<char*> words;
  words.reserve(command.words.size() + 1);
  for (const std::string& word : command.words) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);

  const Pipe output;
  const Pipe error;
  const Pipe failure;
  streams_ = {output.reader, error.reader};
  std::vector<int> channels;
  for (std::size_t index = 0; index < command.channels; ++index) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      throw Failure{"no channel to a child process: {}", std::strerror(errno)};
    }
    streams_.push_back(ends[0]);
    channels.push_back(ends[1]);
  }
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    become(command, words.data(), parent, output.writer, error.writer, channels, failure.writer);
  }
  close(output.writer);
  close(error.writer);
  close(failure.writer);
  std::ranges::for_each(channels, close);
  int reason = pid_ < 0 ? errno : 0;
  if (pid_ > 0) {
    setpgid(pid_, pid_);  // whoever of the two is first: from here on the group exists
    if (::read(failure.reader, &reason, sizeof reason) != sizeof reason) {
      reason = 0;
    }
  }
  close(failure.reader);
  if (reason != 0) {
    std::ranges::for_each(streams_, close);
    if (pid_ > 0) {
      waitpid(pid_, nullptr, 0);
    }
    throw Failure{"{} cannot be started: {}", command.words.front(), std::strerror(reason)};
  }
  // The C library's function of that name is declared for C only.
  ended_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
}

Child::~Child() {
  stop();
  for (const int stream : streams_) {
    if (stream >= 0) {
      close(stream);
    }
  }
  close(ended_);
}

bool Child::finished() const noexcept {
  return std::ranges::all_of(streams_, [](int stream) { return stream < 0; });
}

void Child::write(std::size_t channel, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t length = send(streams_.at(channel + 2), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (length < 0 && errno != EINTR) {
      return;
    }
    bytes.remove_prefix(length < 0 ? 0 : static_cast<std::size_t>(length));
    Interruption::instance().check();
  }
}

std::optional<Child::Chunk> Child::read(Clock::time_point deadline) {
  while (!finished()) {
    const auto left =
        std::clamp(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()), 0ms, longest_wait);
    std::vector<pollfd> waits;
    waits.reserve(streams_.size() + 2);
    for (const int stream : streams_) {
      waits.push_back({stream, POLLIN, 0});
    }
    waits.push_back({Interruption::instance().descriptor(), POLLIN, 0});
    waits.push_back({own_input_, POLLIN, 0});
    if (poll(waits.data(), waits.size(), static_cast<int>(left.count())) == 0) {
      if (Clock::now() >= deadline) {
        return std::nullopt;
      }
      continue;
    }
    Interruption::instance().check();
    if (waits.back().revents != 0) {
      std::string bytes(4096, '\0');
      const ssize_t length = ::read(own_input_, bytes.data(), bytes.size());
      if (length <= 0) {
        own_input_ = -1;
      }
      bytes.resize(length <= 0 ? 0 : static_cast<std::size_t>(length));
      return Chunk{Stream::input, 0, std::move(bytes)};
    }
    for (std::size_t index = 0; index < streams_.size(); ++index) {
      if (waits[index].revents == 0) {
        continue;
      }
      std::array<char, 65536> buffer{};
      const ssize_t length = ::read(streams_[index], buffer.data(), buffer.size());
      if (length > 0) {
        const bool is_channel = index >= 2;
        return Chunk{is_channel ? Stream::channel : static_cast<Stream>(index),
                     is_channel ? index - 2 : 0,
                     {buffer.data(), static_cast<std::size_t>(length)}};
      }
      if (length == 0 || (errno != EINTR && errno != EAGAIN)) {
        close(streams_[index]);
        streams_[index] = -1;
      }
    }
  }
  return std::nullopt;
}

bool Child::reaped_within(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!reaped_) {
    siginfo_t information{};
    if (waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        information.si_pid == pid_) {
      // Until it is reaped the group's number cannot be anybody else's: now is the time to end what it left behind.
      kill(-pid_, SIGKILL);
      int status = 0;
      waitpid(pid_, &status, 0);
      status_ = Exit_status::of(status);
      reaped_ = true;
    } else if (Clock::now() >= deadline) {
      return false;
    } else {
      // Without a descriptor of the process, which an old kernel has not, this only waits a little.
      const auto left = std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()), 0ms);
      pollfd end{ended_, POLLIN, 0};
      poll(&end, 1, ended_ < 0 ? 2 : static_cast<int>(left.count()));
    }
  }
  return true;
}

Exit_status Child::wait() {
  while (!reaped_within(100ms)) {
    Interruption::instance().check();
  }
  return status_;
}

Exit_status Child::stop() {
  if (!reaped_) {
    kill(-pid_, SIGTERM);
    if (!reaped_within(time_to_end_politely)) {
      kill(-pid_, SIGKILL);
      while (!reaped_within(1s)) {
      }
    }
  }
  return status_;
}

std::string Completed::last_words() const {
  for (const std::string* const text : {&error, &output}) {
    std::string_view rest{*text};
    while (!rest.empty()) {
      const std::size_t end = rest.find_last_not_of(" \t\r\n");
      if (end == std::string_view::npos) {
        break;
      }
      rest = rest.substr(0, end + 1);
      const std::size_t start = rest.find_last_of("\r\n");
      return std::string{start == std::string_view::npos ? rest : rest.substr(start + 1)};
    }
  }
  return "it said nothing";
}

Completed run(const Command& command, const Alive& alive) {
  constexpr auto between_signs_of_life = 100ms;
  Child child{command};
  Completed completed;
  std::string last_line;
  while (!child.finished()) {
    if (const auto chunk = child.read(Clock::now() + between_signs_of_life)) {
      (chunk->stream == Stream::output ? completed.output : completed.error) += chunk->bytes;
      const std::size_t end = chunk->bytes.find_last_of('\n');
      if (end != std::string::npos) {
        const std::string_view lines{chunk->bytes.data(), end};
        const std::size_t start = lines.find_last_of('\n');
        last_line = start == std::string_view::npos ? lines : lines.substr(start + 1);
      }
    }
    if (alive) {
      alive(last_line);
    }
  }
  completed.status = child.wait();
  return completed;
}

Exit_status run_in_view(const Command& command) {
  std::fflush(stdout);
  Child child{command};
  while (!child.finished()) {
    if (const auto chunk = child.read(Clock::time_point::max())) {
      std::FILE* const ours = chunk->stream == Stream::output ? stdout : stderr;
      std::fwrite(chunk->bytes.data(), 1, chunk->bytes.size(), ours);
      std::fflush(ours);
    }
  }
  return child.wait();
}

std::optional<std::filesystem::path> find_program(std::string_view program) {
  const char* const variable = std::getenv("PATH");
  std::string_view rest = variable != nullptr ? variable : "/usr/bin:/bin";
  while (!rest.empty()) {
    const std::size_t end = rest.find(':');
    std::filesystem::path candidate = std::filesystem::path{rest.substr(0, end)} / program;
    std::error_code ignored;
    if (access(candidate.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(candidate, ignored)) {
      return candidate;
    }
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return std::nullopt;
}

}  // namespace enlighten::runner
