// SPDX-License-Identifier: MIT
// `enlighten run --model`: runs a guest as a program of the host, on the model of Xen, and says what happened.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <report_host/judge.hpp>
#include <report_host/run.hpp>

#include <runner/commands.hpp>
#include <runner/conclusion.hpp>
#include <runner/console.hpp>
#include <runner/failure.hpp>
#include <runner/interruption.hpp>
#include <runner/model_program.hpp>
#include <runner/run_files.hpp>
#include <runner/symbolizer.hpp>
#include <runner/watch.hpp>

namespace enlighten::runner {
namespace {

// One run of the program: what it printed, and how it ended.
class Round {
 public:
  Round(const Run_options& options, const std::filesystem::path& program, const Run_files& files, bool shown)
      : options_{options},
        name_{program.filename().string()},
        files_{files},
        shown_{shown},
        symbolizer_{program, "addr2line"},
        watch_{std::vector{Domain{.name = name_,
                                  .vcpus = options.vcpus,
                                  .memory_mib = options.memory_mib,
                                  .arguments = options.arguments}}} {}

  void run(const Command& command, report::Run& run) {
    domain_log_.open(files_.domain(name_));
    Child child{command};
    const auto deadline = Clock::now() + std::chrono::seconds{options_.timeout_seconds};
    while (const auto chunk = child.read(deadline)) {
      if (chunk->stream == Stream::output) {
        take(console_.feed(chunk->bytes));
      } else {
        words_ += chunk->bytes;
      }
    }
    const bool late = !child.finished();
    const Exit_status status = late ? child.stop() : child.wait();
    take(console_.finish());
    std::ofstream{files_.model()} << command.text() << '\n' << words_;
    tell(run, status, late);
  }

  // What the model said: of a guest that did what it may not, and of one that came to no end.
  [[nodiscard]] const std::string& words() const noexcept { return words_; }
  [[nodiscard]] const std::string& lines() const noexcept { return lines_; }

 private:
  void take(const std::vector<Console_line>& lines) {
    for (const Console_line& line : lines) {
      domain_log_ << line.text << '\n';
      watch_.read(line);
      const std::string text = symbolizer_.annotate(line.text) + '\n';
      if (shown_) {
        fmt::print("{}", text);
        std::fflush(stdout);
      } else {
        lines_ += text;
      }
    }
  }

  void tell(report::Run& run, const Exit_status& status, bool late) {
    run.ending = late ? report::Machine_ending::timed_out : report::Machine_ending::stopped;
    run.ending_text =
        late ? fmt::format("{} s have passed and {}", options_.timeout_seconds, watch_.unfinished()) : "";
    run.domains.clear();
    report::Domain& domain = run.domains.emplace_back();
    domain.name = name_;
    domain.image = run.image;
    domain.vcpus = options_.vcpus;
    domain.console = files_.domain(name_);
    watch_.tell(run);
    if (!late && !status.success()) {
      domain.ending = report::Domain_ending::crashed;
      if (!domain.panic) {
        domain.panic = reason(status);
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
  std::string name_;
  const Run_files& files_;
  bool shown_;
  Symbolizer symbolizer_;
  Watch watch_;
  Console console_{Beneath::nothing};
  std::ofstream domain_log_;
  std::string words_;
  std::string lines_;
};

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

int run_model_command(const Run_options& options) {
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
    std::uint64_t seed = first;
    for (std::uint64_t done = 0; done < options.model.rounds; ++done, ++seed) {
      Round round{options, program, files, options.model.rounds == 1};
      round.run(model_command(program, options, seed), run);
      const bool last = done + 1 == options.model.rounds || report::judge(run).verdict != report::Verdict::success;
      if (last) {
        fmt::print("{}{}", round.lines(), round.words());
        break;
      }
    }
    return fmt::format(
        "{}, seed {}{}, logs in {}", what, seed,
        options.model.rounds == 1 ? "" : fmt::format(", {} of {} runs", seed - first + 1, options.model.rounds),
        shown_path(files.model().parent_path()));
  });
}

}  // namespace enlighten::runner
