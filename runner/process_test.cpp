// SPDX-License-Identifier: MIT
// Tests that children are reaped, whatever happens.
#include <runner/process.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <runner/failure.hpp>
#include <runner/interruption.hpp>

namespace enlighten::runner {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::ThrowsMessage;

Command shell(const std::string& script) {
  return {.words = {"sh", "-c", script}, .environment = {}, .directory = {}};
}

bool exists(pid_t process) {
  return kill(process, 0) == 0 || errno != ESRCH;
}

// Reads until the child has written a whole line.
std::string first_line(Child& child) {
  std::string text;
  while (!text.contains('\n') && !child.finished()) {
    if (const auto chunk = child.read(Clock::now() + 10s)) {
      text += chunk->bytes;
    }
  }
  return text.substr(0, text.find('\n'));
}

TEST(Run, gives_both_outputs_and_the_status) {
  const Completed completed = run(shell("echo out; echo err >&2; exit 7"));
  EXPECT_EQ(completed.output, "out\n");
  EXPECT_EQ(completed.error, "err\n");
  EXPECT_EQ(completed.status.code, 7);
  EXPECT_FALSE(completed.status.success());
  EXPECT_EQ(completed.last_words(), "err");
}

TEST(Run, tells_of_a_death_by_signal) {
  const Completed completed = run(shell("kill -KILL $$"));
  EXPECT_EQ(completed.status.signal, SIGKILL);
  EXPECT_EQ(completed.status.text(), "by signal KILL");
}

TEST(Run, names_a_program_that_is_not_there) {
  EXPECT_THAT(
      [] { static_cast<void>(run({.words = {"no-such-program-here"}, .environment = {}, .directory = {}})); },
      ThrowsMessage<Failure>(AllOf(HasSubstr("no-such-program-here"), HasSubstr("No such file"))));
}

TEST(Run, passes_environment_and_folder) {
  EXPECT_EQ(
      run({.words = {"sh", "-c", "echo $GREETING; pwd"}, .environment = {{"GREETING", "hello"}}, .directory = "/"})
          .output,
      "hello\n/\n");
}

TEST(Run, gives_the_child_no_input) {
  EXPECT_EQ(run(shell("cat; echo done")).output, "done\n");
}

TEST(Run, reports_more_than_a_pipe_holds) {
  EXPECT_EQ(run(shell("head -c 300000 /dev/zero")).output.size(), 300000U);
}

TEST(Command, can_be_pasted_into_a_shell) {
  const Command command{.words = {"program", "plain", "two words", "it's", ""}, .environment = {}, .directory = {}};
  EXPECT_EQ(command.text(), "program plain 'two words' 'it'\\''s' ''");
}

TEST(Child, that_still_runs_is_ended_and_reaped_with_its_object) {
  pid_t process = 0;
  {
    Child child{shell("echo ready; exec sleep 600")};
    process = child.pid();
    EXPECT_EQ(first_line(child), "ready");
    EXPECT_TRUE(exists(process));
  }
  EXPECT_FALSE(exists(process));
}

TEST(Child, that_ignores_a_polite_request_is_killed) {
  Child child{shell("trap '' TERM; echo ready; while :; do sleep 1; done")};
  EXPECT_EQ(first_line(child), "ready");
  EXPECT_EQ(child.stop().signal, SIGKILL);
  EXPECT_FALSE(exists(child.pid()));
}

TEST(Child, takes_its_own_children_along) {
  pid_t grandchild = 0;
  {
    Child child{shell("sleep 600 & echo $!; wait")};
    grandchild = static_cast<pid_t>(std::stoi(first_line(child)));
    EXPECT_TRUE(exists(grandchild));
  }
  // It is reaped by whoever adopts it, which may take a moment.
  for (int tries = 0; tries < 1000 && exists(grandchild); ++tries) {
    const std::string state =
        run(shell("cut -d' ' -f3 /proc/" + std::to_string(grandchild) + "/stat 2>/dev/null")).output;
    if (state == "Z\n") {
      break;
    }
    usleep(10'000);
  }
  const std::string state =
      run(shell("cut -d' ' -f3 /proc/" + std::to_string(grandchild) + "/stat 2>/dev/null")).output;
  EXPECT_TRUE(state.empty() || state == "Z\n") << state;
}

TEST(Child, read_gives_up_at_its_deadline) {
  Child child{shell("exec sleep 600")};
  EXPECT_FALSE(child.read(Clock::now() + 10ms));
  EXPECT_FALSE(child.finished());
}

// In a process of its own, so that the signal meets nobody else: what Ctrl-C and SIGTERM do to a runner that waits.
void expect_child_ended_by(int signal) {
  int report[2];
  ASSERT_EQ(pipe(report), 0);
  const pid_t runner = fork();
  if (runner == 0) {
    int exit_code = 1;
    try {
      Child child{shell("exec sleep 600")};
      const pid_t process = child.pid();
      static_cast<void>(write(report[1], &process, sizeof process) == sizeof process);
      static_cast<void>(child.read(Clock::now() + 60s));
    } catch (const Interrupted& interrupted) {
      exit_code = interrupted.signal == signal ? 42 : 2;
    }
    _exit(exit_code);
  }
  pid_t process = 0;
  ASSERT_EQ(read(report[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
  EXPECT_TRUE(exists(process));
  kill(runner, signal);
  int status = 0;
  ASSERT_EQ(waitpid(runner, &status, 0), runner);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 42);
  EXPECT_FALSE(exists(process));
  close(report[0]);
  close(report[1]);
}

TEST(Child, is_ended_and_reaped_when_the_runner_gets_sigterm) {
  expect_child_ended_by(SIGTERM);
}

TEST(Child, is_ended_and_reaped_when_the_runner_gets_sigint) {
  expect_child_ended_by(SIGINT);
}

TEST(Child, talks_with_the_runner_over_as_many_channels_as_its_command_says) {
  Child child{{.words = {"sh", "-c", "read line <&4; echo got $line >&3; echo told $line >&4; echo done"},
               .environment = {},
               .directory = {},
               .channels = 2}};
  child.write(1, "a line\n");
  std::array<std::string, 2> channels;
  std::string output;
  while (!child.finished()) {
    const auto chunk = child.read(Clock::time_point::max());
    if (chunk && chunk->stream == Stream::channel) {
      channels.at(chunk->channel) += chunk->bytes;
    } else if (chunk && chunk->stream == Stream::output) {
      output += chunk->bytes;
    }
  }
  EXPECT_TRUE(child.wait().success());
  EXPECT_EQ(channels[0], "got a line\n");
  EXPECT_EQ(channels[1], "told a line\n");
  EXPECT_EQ(output, "done\n");
}

TEST(Child, cannot_be_hurt_by_writing_to_it_when_it_is_gone) {
  Child child{{.words = {"true"}, .environment = {}, .directory = {}, .channels = 1}};
  EXPECT_TRUE(child.wait().success());
  child.write(0, "nobody reads this");
}

TEST(Find_program, finds_what_is_on_the_path_only) {
  EXPECT_TRUE(find_program("sh"));
  EXPECT_FALSE(find_program("no-such-program-here"));
}

}  // namespace
}  // namespace enlighten::runner
