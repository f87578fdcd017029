// SPDX-License-Identifier: MIT
// `enlighten run --model`: runs a guest as a program of the host, on the model of Xen, and says what happened.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <report_host/judge.hpp>
#include <report_host/run.hpp>

#include <runner/commands.hpp>
#include <runner/conclusion.hpp>
#include <runner/console.hpp>
#include <runner/failure.hpp>
#include <runner/interruption.hpp>
#include <runner/model_program.hpp>
#include <runner/model_rounds.hpp>
#include <runner/run_files.hpp>
#include <runner/run_trace.hpp>
#include <runner/symbolizer.hpp>
#include <runner/watch.hpp>

namespace enlighten::runner {
namespace {

// One run of the program: what it printed, and how it ended.
class Round {
 public:
  Round(const Run_options& options, const std::string& name, Symbolizer& symbolizer, bool shown)
      : options_{options},
        name_{name},
        shown_{shown},
        symbolizer_{symbolizer},
        watch_{std::vector{Domain{.name = name,
                                  .vcpus = options.vcpus,
                                  .memory_mib = options.memory_mib,
                                  .arguments = options.arguments}}} {
    if (options.trace) {
      trace_.emplace(*options.trace, std::vector{name_});
    }
  }

  void take(Stream stream, const std::string& bytes) {
    if (stream == Stream::output) {
      take(console_.feed(bytes));
    } else {
      words_ += bytes;
    }
  }

  // Without a status: the time was over.
  void tell(report::Run& run, const Run_files& files, const std::optional<Exit_status>& status) {
    take(console_.finish());
    run.ending = status ? report::Machine_ending::stopped : report::Machine_ending::timed_out;
    run.ending_text =
        status ? "" : fmt::format("{} s have passed and {}", options_.timeout_seconds, watch_.unfinished());
    run.domains.clear();
    report::Domain& domain = run.domains.emplace_back();
    domain.name = name_;
    domain.image = run.image;
    domain.vcpus = options_.vcpus;
    domain.console = files.domain(name_);
    watch_.tell(run);
    if (status && !status->success()) {
      domain.ending = report::Domain_ending::crashed;
      if (!domain.panic) {
        domain.panic = reason(*status);
      }
    }
  }

  // The files that it leaves if there is none after it.
  void keep(const Run_files& files, const Command& command) const {
    std::ofstream{files.domain(name_)} << log_;
    std::ofstream{files.model()} << command.text() << '\n' << words_;
  }

  void write_trace() {
    if (trace_) {
      trace_->write({&symbolizer_, 1});
    }
  }

  // What is still to be shown of it: the guest's lines, and what the model said of a guest that did what it may
  // not, or of one that came to no end.
  void show() {
    for (const std::string& line : lines_) {
      fmt::print("{}\n", symbolizer_.annotate(line));
    }
    std::istringstream words{words_};
    for (std::string line; std::getline(words, line);) {
      fmt::print("{}\n", symbolizer_.annotate(line));
    }
  }

 private:
  void take(const std::vector<Console_line>& lines) {
    for (const Console_line& line : lines) {
      if (trace_ && trace_->take(line)) {
        continue;
      }
      log_ += line.text + '\n';
      watch_.read(line);
      if (shown_) {
        fmt::print("{}\n", symbolizer_.annotate(line.text));
        std::fflush(stdout);
      } else {
        lines_.push_back(line.text);
      }
    }
  }

  [[nodiscard]] std::string reason(const Exit_status& status) const {
    constexpr std::string_view prefix = "enlighten: ";
    std::string_view first = std::string_view{words_}.substr(0, words_.find('\n'));
    first.remove_prefix(first.starts_with(prefix) ? prefix.size() : 0);
    return status.signal == 0 && !first.empty() ? std::string{first}
                                                : fmt::format("its program ended {}", status.text());
  }

  const Run_options& options_;
  const std::string& name_;
  bool shown_;
  Symbolizer& symbolizer_;
  Watch watch_;
  std::optional<Run_trace> trace_;
  Console console_{Beneath::nothing};
  std::string log_;
  std::string words_;
  std::vector<std::string> lines_;
};

// Rounds, until one does not succeed. Returns the last one's seed. As many as the host has processors run at once;
// of those behind the last nobody hears.
std::uint64_t run_rounds(const Run_options& options, const std::filesystem::path& program, const Run_files& files,
                         report::Run& run) {
  const std::string name = program.filename().string();
  const std::uint64_t first = options.model.seed;
  const std::uint64_t rounds = options.model.rounds;
  Symbolizer symbolizer{program, "addr2line"};
  std::deque<Model_rounds> programs;
  const std::uint64_t processors = std::max(std::thread::hardware_concurrency(), 1U);
  for (std::uint64_t index = 0; index < std::min(processors, rounds); ++index) {
    programs.emplace_back(model_rounds_command(program, options)).start(first + index);
  }
  for (std::uint64_t index = 0;; ++index) {
    const std::uint64_t seed = first + index;
    Model_rounds& started = programs[index % programs.size()];
    Round round{options, name, symbolizer, rounds == 1};
    const auto deadline = Clock::now() + std::chrono::seconds{options.timeout_seconds};
    try {
      const auto status =
          started.finish(deadline, [&](Stream stream, const std::string& bytes) { round.take(stream, bytes); });
      if (rounds - index > programs.size() && status && status->success()) {
        started.start(seed + programs.size());
      }
      round.tell(run, files, status);
    } catch (const Interrupted&) {
      round.keep(files, model_command(program, options, seed));
      throw;
    }
    if (index + 1 == rounds || report::judge(run).verdict != report::Verdict::success) {
      round.keep(files, model_command(program, options, seed));
      round.show();
      round.write_trace();
      return seed;
    }
  }
}

// Becomes the debugger, which has the terminal.
[[noreturn]] void debug(const Command& command) {
  std::vector<std::string> words{"gdb", "--args"};
  words.insert(words.end(), command.words.begin(), command.words.end());
  std::vector<char*> raw;
  raw.reserve(words.size() + 1);
  for (std::string& word : words) {
    raw.push_back(word.data());
  }
  raw.push_back(nullptr);
  Interruption::restore_defaults();
  execvp(raw.front(), raw.data());
  throw Failure{"gdb cannot be started: {}; as root: apt-get install gdb", std::strerror(errno)};
}

}  // namespace

int run_model_command(const Run_options& wanted) {
  Run_options options = wanted;
  if (options.trace) {
    options.arguments = Run_trace::arguments(options.arguments);
  }
  return run_and_report(options, [&](report::Run& run) {
    const std::filesystem::path program = find_model_program(options.what);
    run.image = std::filesystem::absolute(program).string();
    const std::string name = program.filename().string();
    const std::uint64_t first = options.model.seed;
    const std::string what = fmt::format("{} with {} vCPU{} on the model of Xen {}, GICv{}, {} MiB, {} schedule",
                                         name, options.vcpus, options.vcpus == 1 ? "" : "s", options.model.release,
                                         options.gic, options.memory_mib, options.model.schedule);
    if (options.gdb) {
      debug(model_command(program, options, first));
    }
    const Run_files files = options.report ? Run_files::beside(*options.report) : Run_files::fresh(name);
    fmt::print(stderr, "enlighten: running {}, seed {}{}\n", what, first,
               options.model.rounds == 1 ? "" : fmt::format(" to {}", first + options.model.rounds - 1));
    const std::uint64_t seed = run_rounds(options, program, files, run);
    return fmt::format(
        "{}, seed {}{}, logs in {}", what, seed,
        options.model.rounds == 1 ? "" : fmt::format(", {} of {} runs", seed - first + 1, options.model.rounds),
        shown_path(files.model().parent_path()));
  });
}

}  // namespace enlighten::runner
