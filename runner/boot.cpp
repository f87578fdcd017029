// SPDX-License-Identifier: MIT
// One boot of one machine: from QEMU's start until the guests, Xen, QEMU or the clock ends it.
#include <runner/boot.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <runner/device_tree.hpp>
#include <runner/failure.hpp>
#include <runner/machine_tree.hpp>
#include <runner/places.hpp>
#include <runner/toolstack/dom0_messages.hpp>
#include <runner/toolstack/shell_terminal.hpp>

namespace enlighten::runner {
namespace {

using namespace std::chrono_literals;

// After the last word: the rest of the console is read until nothing has come for a while, but not for ever.
constexpr auto silence = 200ms;
constexpr auto patience_with_talkers = 2s;

std::ofstream open_log(const std::filesystem::path& path) {
  std::ofstream file{path, std::ios::binary};
  if (!file) {
    throw Failure{"{} cannot be written; is there room on that disk, and are you allowed to?", path.string()};
  }
  return file;
}

std::vector<Module> write_dom0_modules(const Boot& boot, const Run_files& files) {
  std::vector<Guest_file> guests;
  guests.reserve(boot.guests.size());
  for (const Guest& guest : boot.guests) {
    guests.push_back({.name = guest.domain.name, .image = guest.image.path});
  }
  write_whole_file(files.dom0_files(), dom0_run_files(*boot.dom0, guests));
  return dom0_modules(*boot.dom0, files.dom0_files());
}

}  // namespace

std::vector<Domain> domains_of(const std::vector<Guest>& guests) {
  std::vector<Domain> domains;
  std::ranges::transform(guests, std::back_inserter(domains), &Guest::domain);
  return domains;
}

std::vector<Module> modules_of(const std::vector<Guest>& guests) {
  std::vector<Module> modules;
  for (const Guest& guest : guests) {
    const std::uint64_t address = modules.empty() ? first_module_address : address_behind(modules.back());
    modules.push_back({.file = guest.image.path, .address = address, .bytes = guest.image.file_size});
  }
  return modules;
}

Command boot_command(const Boot& boot, const Run_files& files) {
  if (!boot.xen) {
    const Guest& guest = boot.guests.front();
    return bare_command(boot.machine, guest.image, guest.domain.arguments, boot.debugger);
  }
  write_machine_tree(boot.machine, files.device_tree());
  Device_tree tree = Device_tree::read(files.device_tree());
  if (boot.dom0) {
    const std::vector<Module> modules = write_dom0_modules(boot, files);
    describe_xen(tree, fmt::format("{} {}", dom0_xen_arguments(*boot.dom0), boot.xen_arguments));
    describe_dom0(tree, modules);
    tree.write(files.device_tree());
    Command command = xen_command(boot.machine, boot.xen->path, files.device_tree(), modules, boot.debugger);
    add_dom0_ports(command, *boot.dom0);
    return command;
  }
  describe_xen(tree, boot.xen_arguments);
  const std::vector<Module> modules = modules_of(boot.guests);
  for (std::size_t index = boot.guests.size(); index-- != 0;) {
    describe_domain(tree, index, boot.guests[index].domain, modules[index]);
  }
  describe_channels(tree, boot.channels);
  tree.write(files.device_tree());
  return xen_command(boot.machine, boot.xen->path, files.device_tree(), modules, boot.debugger);
}

Boot_result run_boot(const Boot& boot, const Command& command, const Run_files& files, Watch& watch,
                     const Line_shown& show, const Line_taken& taken) {
  std::ofstream console_log = open_log(files.console());
  std::vector<std::ofstream> guest_logs;
  guest_logs.reserve(boot.guests.size());
  for (const Guest& guest : boot.guests) {
    guest_logs.push_back(open_log(files.domain(guest.domain.name)));
  }
  std::ofstream qemu_log = open_log(files.qemu());
  qemu_log << command.text() << '\n' << std::flush;

  std::optional<std::ofstream> toolstack_log;
  std::optional<std::ofstream> script_log;
  std::optional<Dom0_console> dom0_console;
  if (boot.dom0) {
    toolstack_log = open_log(files.toolstack());
    if (boot.dom0->script) {
      script_log = open_log(files.domain("dom0"));
    }
    dom0_console.emplace(boot.guests.size());
  }

  Console console{boot.machine.beneath};
  const auto take = [&](const std::vector<Console_line>& lines) {
    for (const Console_line& line : lines) {
      if (taken && taken(line)) {
        continue;
      }
      if (line.writer == Writer::guest && line.guest() < guest_logs.size()) {
        guest_logs[line.guest()] << line.text << '\n' << std::flush;
      } else if (line.writer == Writer::toolstack && toolstack_log) {
        *toolstack_log << line.text << '\n' << std::flush;
        if (const auto message = read_dom0_message(line.text);
            script_log && message && message->kind == Dom0_message::Kind::script) {
          *script_log << message->text << '\n' << std::flush;
        }
      }
      watch.read(line);
      show(line);
    }
  };

  Child qemu{command};
  std::optional<Shell_terminal> terminal;
  if (boot.dom0 && boot.dom0->shell) {
    terminal.emplace();
    qemu.read_own_input();
  }
  std::string qemu_words;
  const auto deadline = boot.timeout ? Clock::now() + *boot.timeout : Clock::time_point::max();
  std::optional<Clock::time_point> over_since;
  std::optional<Boot_ending> ending;
  while (!ending) {
    const auto limit = over_since ? std::min(deadline, *over_since + patience_with_talkers) : deadline;
    const auto chunk = qemu.read(over_since ? std::min(limit, Clock::now() + silence) : limit);
    if (chunk && chunk->stream == Stream::error) {
      qemu_log << chunk->bytes << std::flush;
      qemu_words += chunk->bytes;
    } else if (chunk && chunk->stream == Stream::input) {
      qemu.write(shell_channel(*boot.dom0), terminal->typed(chunk->bytes));
    } else if (chunk) {
      if (chunk->stream == Stream::channel && terminal && chunk->channel == shell_channel(*boot.dom0)) {
        Shell_terminal::show(chunk->bytes);
      } else if (chunk->stream == Stream::channel) {
        take(dom0_console->feed(chunk->channel, chunk->bytes));
      } else {
        console_log << chunk->bytes << std::flush;
        take(console.feed(chunk->bytes));
      }
      if (watch.over() && !over_since) {
        over_since = Clock::now();
      }
    }
    if (!chunk && qemu.finished()) {
      ending = Boot_ending::machine_off;
    } else if (!chunk || Clock::now() >= limit) {
      ending = over_since ? Boot_ending::over : Boot_ending::timed_out;
    }
  }
  const Exit_status status = *ending == Boot_ending::machine_off ? qemu.wait() : qemu.stop();
  take(console.finish());
  if (dom0_console) {
    take(dom0_console->finish());
  }
  if (!console_log || !qemu_log || std::ranges::any_of(guest_logs, &std::ofstream::fail)) {
    throw Failure{"the logs of this run could not be written to the end; is the disk of {} full?",
                  files.console().parent_path().string()};
  }
  return {.ending = watch.over() ? Boot_ending::over : *ending,
          .qemu = status,
          .qemu_words = Completed{.status = status, .output = {}, .error = qemu_words}.last_words()};
}

}  // namespace enlighten::runner
