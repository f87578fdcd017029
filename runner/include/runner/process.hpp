// SPDX-License-Identifier: MIT
// Another program, run as a child that is always reaped and never outlives the runner.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace enlighten::runner {

using Clock = std::chrono::steady_clock;

struct Command {
  std::vector<std::string> words;                                // the program, found along PATH, and its arguments
  std::vector<std::pair<std::string, std::string>> environment;  // in addition to the runner's own
  std::filesystem::path directory;                               // where it runs; empty: where the runner runs
  // Connected stream sockets to us, of which the child finds the first as descriptor first_channel.
  std::size_t channels = 0;

  // As one would type it in a shell.
  [[nodiscard]] std::string text() const;
};

inline constexpr int first_channel = 3;

// How a child ended: by exit(code), or by a signal.
struct Exit_status {
  int code = 0;
  int signal = 0;

  // From what waitpid() gives of a process that has ended.
  [[nodiscard]] static Exit_status of(int wait_status) noexcept;
  [[nodiscard]] bool success() const noexcept { return code == 0 && signal == 0; }
  // "with status 1", "by signal TERM"
  [[nodiscard]] std::string text() const;
};

enum class Stream : std::uint8_t { output, error, channel, input };

// A running program in a process group of its own, its standard input empty, its outputs pipes to us, and with as
// many channels as its command says.
//
// Ctrl-C in a terminal goes to the runner alone, which then ends the group; should the runner die without a chance
// to do so, the kernel kills the child (PR_SET_PDEATHSIG).
class Child {
 public:
  struct Chunk {
    Stream stream;
    std::size_t channel;  // of Stream::channel: which, from 0
    std::string bytes;    // of Stream::input: empty when that has ended
  };

  explicit Child(const Command& command);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Ends the child if it still runs.
  ~Child();

  // What the child wrote, as soon as there is something; nothing when `deadline` passed or there will be no more.
  // Throws Interrupted when the runner is asked to end.
  std::optional<Chunk> read(Clock::time_point deadline);

  // Outputs and channels are closed: read() will give nothing any more.
  [[nodiscard]] bool finished() const noexcept;

  // All of it, waiting while the child is not reading; what a child that has gone does not take is lost.
  void write(std::size_t channel, std::string_view bytes);

  // From now on read() gives what comes from our own standard input, too.
  void read_own_input() noexcept { own_input_ = 0; }

  // Reaps the child, waiting for it to end.
  Exit_status wait();

  // SIGTERM to the whole group, SIGKILL to what is left a little later, and reaps.
  Exit_status stop();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  bool reaped_within(std::chrono::milliseconds patience);

  pid_t pid_ = -1;
  int ended_ = -1;  // readable once the child has ended
  int own_input_ = -1;
  std::vector<int> streams_;  // output, error, channels; -1 when closed
  bool reaped_ = false;
  Exit_status status_;  // once it is reaped
};

struct Completed {
  Exit_status status;
  std::string output;
  std::string error;

  // The last line either stream has that says something, for a message.
  [[nodiscard]] std::string last_words() const;
};

// Called every now and then with the last whole line seen so far, to show that a long step is alive.
using Alive = std::function<void(std::string_view last_line)>;

// Runs a program to its end.
[[nodiscard]] Completed run(const Command& command, const Alive& alive = {});

// Runs a program to its end with its outputs passed on to ours as they come.
[[nodiscard]] Exit_status run_in_view(const Command& command);

// Whether `program` can be started, and where it is.
[[nodiscard]] std::optional<std::filesystem::path> find_program(std::string_view program);

}  // namespace enlighten::runner
