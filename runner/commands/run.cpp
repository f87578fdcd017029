// SPDX-License-Identifier: MIT
// `enlighten run`: boots one image, or several side by side, and says what happened.
#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <report_host/json.hpp>
#include <report_host/judge.hpp>
#include <report_host/junit.hpp>
#include <report_host/run.hpp>

#include <runner/boot.hpp>
#include <runner/commands.hpp>
#include <runner/failure.hpp>
#include <runner/interruption.hpp>
#include <runner/places.hpp>
#include <runner/plan.hpp>
#include <runner/symbolizer.hpp>
#include <runner/terminal.hpp>

namespace enlighten::runner {
namespace {

void write_file(const std::optional<std::filesystem::path>& path, const std::string& text) {
  if (!path) {
    return;
  }
  std::ofstream file{*path, std::ios::binary};
  file << text;
  if (!file.flush()) {
    throw Failure{"{} cannot be written; is there room on that disk, and are you allowed to?", path->string()};
  }
}

// Who asked for a file that cannot be had is told before the boot and not after it.
void prepare_file(const std::optional<std::filesystem::path>& path) {
  if (path) {
    make_folder(std::filesystem::absolute(*path).parent_path());
    write_file(path, {});
  }
}

void write_reports(const Run_options& options, report::Run& run) {
  report::conclude(run);
  write_file(options.report, report::json_text(run));
  write_file(options.junit, report::to_junit(run));
}

void describe(const Boot& boot, const Run_files& files, report::Run& run) {
  run.image = std::filesystem::absolute(boot.guests.front().image.path).string();
  run.qemu.version = qemu_version();
  if (boot.xen) {
    run.xen.package = boot.xen->package;
    run.xen.path = boot.xen->path;
  }
  for (const Guest& guest : boot.guests) {
    report::Domain& domain = run.domains.emplace_back();
    domain.name = guest.domain.name;
    domain.image = std::filesystem::absolute(guest.image.path).string();
    domain.vcpus = guest.domain.vcpus;
    domain.console = files.domain(guest.domain.name);
  }
}

void tell_ending(const Boot& boot, const Boot_result& result, Watch& watch, report::Run& run) {
  run.ending = report::Machine_ending::stopped;
  if (result.ending == Boot_ending::timed_out) {
    run.ending = report::Machine_ending::timed_out;
    run.ending_text = fmt::format("{} s have passed and {}", boot.timeout.value_or(std::chrono::seconds{0}).count(),
                                  watch.unfinished());
  } else if (result.ending == Boot_ending::machine_off && !result.qemu.success()) {
    run.ending = report::Machine_ending::qemu_died;
    run.ending_text = fmt::format("it ended {}: {}", result.qemu.text(), result.qemu_words);
  }
  watch.tell(run);
}

std::vector<Symbolizer> symbolizers_of(const Boot& boot) {
  std::vector<Symbolizer> symbolizers;
  for (const Guest& guest : boot.guests) {
    symbolizers.emplace_back(guest.image.symbols);
  }
  return symbolizers;
}

// Of several guests, each line begins with whose it is.
std::string prefix_of(const Boot& boot, std::size_t guest) {
  return boot.guests.size() == 1 ? std::string{} : boot.guests[guest].domain.name + ": ";
}

Line_shown shown_lines(const Run_options& options, const Boot& boot, std::vector<Symbolizer>& symbolizers) {
  return [&](const Console_line& line) {
    if (line.writer == Writer::guest && line.guest() < symbolizers.size()) {
      fmt::print("{}{}\n", prefix_of(boot, line.guest()), symbolizers[line.guest()].annotate(line.text));
    } else if (options.verbose) {
      fmt::print("{}\n", coloured(Colour::dim, "(XEN) " + line.text));
    }
    std::fflush(stdout);
  };
}

void boot_and_watch(const Run_options& options, const Boot& boot, const Run_files& files, report::Run& run) {
  const Command command = boot_command(boot, files);
  fmt::print(stderr, "enlighten: booting {}\n", summary(boot));
  if (boot.debugger) {
    fmt::print(stderr, "enlighten: the machine waits for a debugger; in another terminal, type:\n{}\n",
               debugger_command(boot, *boot.debugger));
    if (!find_program("gdb-multiarch")) {
      fmt::print(stderr, "enlighten: gdb-multiarch is not installed; as root: apt-get install gdb-multiarch\n");
    }
  }
  Watch watch{domains_of(boot.guests)};
  std::vector<Symbolizer> symbolizers = symbolizers_of(boot);
  try {
    tell_ending(boot, run_boot(boot, command, files, watch, shown_lines(options, boot, symbolizers)), watch, run);
  } catch (const Interrupted& interrupted) {
    watch.tell(run);
    run.ending = report::Machine_ending::interrupted;
    run.ending_text = fmt::format("SIG{}", signal_name(interrupted.signal));
    throw;
  }
  if (const std::string words = watch.xen_words();
      !words.empty() && run.ending != report::Machine_ending::xen_panicked) {
    fmt::print("enlighten: Xen says: {}\n", words);
  }
}

std::string shown_folder(const std::filesystem::path& folder) {
  std::error_code error;
  const auto here = std::filesystem::current_path(error);
  const auto relative = folder.lexically_relative(here);
  return error || relative.empty() || *relative.begin() == ".." ? folder.string() : relative.string();
}

Colour colour_of(report::Verdict verdict) {
  switch (verdict) {
    case report::Verdict::success:
      return Colour::green;
    case report::Verdict::skip:
      return Colour::yellow;
    default:
      return Colour::red;
  }
}

void print_conclusion(const report::Run& run, const Boot& boot, const Run_files& files) {
  for (const report::Domain& domain : run.domains) {
    if (domain.tests.reported) {
      fmt::print("enlighten: {}{} tests passed, {} failed, {} skipped\n",
                 run.domains.size() == 1 ? "" : domain.name + ": ", domain.tests.count(report::Outcome::passed),
                 domain.tests.count(report::Outcome::failed), domain.tests.count(report::Outcome::skipped));
    }
    if (run.domains.size() != 1) {
      fmt::print("enlighten: {}: {}{}{}\n", domain.name,
                 coloured(colour_of(domain.verdict), report::name(domain.verdict)),
                 domain.reason.empty() ? "" : ": ", domain.reason);
    }
  }
  fmt::print("enlighten: {}, QEMU {}, logs in {}\n", summary(boot), run.qemu.version,
             shown_folder(files.console().parent_path()));
  fmt::print("enlighten: {}{}{}\n", coloured(colour_of(run.verdict), report::name(run.verdict)),
             run.reason.empty() ? "" : ": ", run.reason);
  std::fflush(stdout);
}

}  // namespace

int run_command(const Run_options& options) {
  prepare_file(options.report);
  prepare_file(options.junit);
  report::Run run;
  run.image = options.what;
  run.started = std::chrono::system_clock::now();
  const auto began = Clock::now();
  try {
    const Boot boot = plan_boot(options);
    const Run_files files =
        options.report ? Run_files::beside(*options.report) : Run_files::fresh(boot.guests.front().domain.name);
    describe(boot, files, run);
    boot_and_watch(options, boot, files, run);
    run.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    write_reports(options, run);
    print_conclusion(run, boot, files);
    return report::exit_code(run.verdict);
  } catch (const Interrupted&) {
    write_reports(options, run);
    throw;
  } catch (const Failure& failure) {
    // Who reads only the report is told, too.
    run.ending = report::Machine_ending::not_started;
    run.ending_text = failure.what();
    write_reports(options, run);
    throw;
  }
}

}  // namespace enlighten::runner
