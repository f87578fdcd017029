// SPDX-License-Identifier: MIT
// `enlighten run`: boots one image, or several side by side, and says what happened.
#include <cstdio>

#include <fmt/format.h>
#include <report_host/run.hpp>

#include <runner/boot.hpp>
#include <runner/commands.hpp>
#include <runner/conclusion.hpp>
#include <runner/interruption.hpp>
#include <runner/plan.hpp>
#include <runner/run_trace.hpp>
#include <runner/symbolizer.hpp>
#include <runner/terminal.hpp>
#include <runner/toolstack/dom0_messages.hpp>

namespace enlighten::runner {
namespace {

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
  if (boot.dom0 && boot.dom0->script) {
    report::Domain& domain = run.domains.emplace_back();
    domain.name = "dom0";
    domain.vcpus = 1;
    domain.console = files.domain(domain.name);
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
  if (watch.left_early()) {
    run.ending = report::Machine_ending::interrupted;
    run.ending_text = fmt::format("the shell was left and {}", watch.unfinished());
  }
  watch.tell(run);
}

std::vector<Symbolizer> symbolizers_of(const Boot& boot) {
  std::vector<Symbolizer> symbolizers;
  symbolizers.reserve(boot.guests.size());
  for (const Guest& guest : boot.guests) {
    symbolizers.emplace_back(guest.image.symbols);
  }
  return symbolizers;
}

std::vector<std::string> names_of(const Boot& boot) {
  std::vector<std::string> names;
  for (const Guest& guest : boot.guests) {
    names.push_back(guest.domain.name);
  }
  return names;
}

// Of several guests, each line begins with whose it is.
std::string prefix_of(const Boot& boot, std::size_t guest) {
  return boot.guests.size() == 1 ? std::string{} : boot.guests[guest].domain.name + ": ";
}

void show_toolstack(const std::string& text) {
  const auto message = read_dom0_message(text);
  if (message && message->kind == Dom0_message::Kind::said) {
    fmt::print("{}\n", coloured(Colour::dim, "xl: " + message->text));
  } else if (message && message->kind == Dom0_message::Kind::script) {
    fmt::print("dom0: {}\n", message->text);
  }
}

Line_shown shown_lines(const Run_options& options, const Boot& boot, std::vector<Symbolizer>& symbolizers) {
  return [&](const Console_line& line) {
    if (line.writer == Writer::guest && line.guest() < symbolizers.size()) {
      fmt::print("{}{}\n", prefix_of(boot, line.guest()), symbolizers[line.guest()].annotate(line.text));
    } else if (line.writer == Writer::toolstack) {
      show_toolstack(line.text);
    } else if (options.verbose) {
      fmt::print("{}\n", coloured(Colour::dim, "(XEN) " + line.text));
    }
    std::fflush(stdout);
  };
}

void boot_and_watch(const Run_options& options, const Boot& boot, const Run_files& files, report::Run& run) {
  const Command command = boot_command(boot, files);
  fmt::print(stderr, "enlighten: booting {}\n", summary(boot));
  if (boot.dom0 && boot.dom0->shell) {
    fmt::print(stderr,
               "enlighten: dom0's shell comes once the guests are there; it ends the run, and so does Ctrl-]\n");
  }
  if (boot.debugger) {
    fmt::print(stderr, "enlighten: the machine waits for a debugger; in another terminal, type:\n{}\n",
               debugger_command(boot, *boot.debugger));
    if (!find_program("gdb-multiarch")) {
      fmt::print(stderr, "enlighten: gdb-multiarch is not installed; as root: apt-get install gdb-multiarch\n");
    }
  }
  Watch watch{domains_of(boot.guests),
              {.script = boot.dom0 && boot.dom0->script, .shell = boot.dom0 && boot.dom0->shell}};
  std::vector<Symbolizer> symbolizers = symbolizers_of(boot);
  std::optional<Run_trace> trace;
  Line_taken taken;
  if (options.trace) {
    trace.emplace(*options.trace, names_of(boot));
    taken = [&](const Console_line& line) { return trace->take(line); };
  }
  try {
    tell_ending(boot, run_boot(boot, command, files, watch, shown_lines(options, boot, symbolizers), taken), watch,
                run);
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
  if (const std::string words = watch.toolstack_words(); !words.empty()) {
    fmt::print("enlighten: xl says: {}\n", words);
  }
  if (trace) {
    trace->write(symbolizers);
  }
}

}  // namespace

int run_command(const Run_options& options) {
  return run_and_report(options, [&](report::Run& run) {
    const Boot boot = plan_boot(options);
    const Run_files files =
        options.report ? Run_files::beside(*options.report) : Run_files::fresh(boot.guests.front().domain.name);
    describe(boot, files, run);
    boot_and_watch(options, boot, files, run);
    return fmt::format("{}, QEMU {}, logs in {}", summary(boot), run.qemu.version,
                       shown_path(files.console().parent_path()));
  });
}

}  // namespace enlighten::runner
