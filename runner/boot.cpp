// SPDX-License-Identifier: MIT
// One boot of one machine: from QEMU's start until the guest, Xen, QEMU or the clock ends it.
#include <runner/boot.hpp>

#include <algorithm>
#include <fstream>

#include <runner/device_tree.hpp>
#include <runner/failure.hpp>
#include <runner/machine_tree.hpp>

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

}  // namespace

Command boot_command(const Boot& boot, const Run_files& files) {
  if (!boot.xen) {
    return bare_command(boot.machine, boot.guest, boot.domain.arguments, boot.debugger);
  }
  write_machine_tree(boot.machine, files.device_tree());
  Device_tree tree = Device_tree::read(files.device_tree());
  describe_domain(tree, boot.domain, boot.guest.file_size);
  tree.write(files.device_tree());
  return xen_command(boot.machine, boot.xen->path, files.device_tree(), boot.guest, boot.debugger);
}

Boot_result run_boot(const Boot& boot, const Command& command, const Run_files& files, Watch& watch,
                     const Line_shown& show) {
  std::ofstream console_log = open_log(files.console());
  std::ofstream domain_log = open_log(files.domain(boot.domain.name));
  std::ofstream qemu_log = open_log(files.qemu());
  qemu_log << command.text() << '\n' << std::flush;

  Console console{boot.machine.beneath};
  const auto take = [&](const std::vector<Console_line>& lines) {
    for (const Console_line& line : lines) {
      if (line.writer == Writer::guest) {
        domain_log << line.text << '\n';
      }
      watch.read(line);
      show(line);
    }
    domain_log.flush();
  };

  Child qemu{command};
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
    } else if (chunk) {
      console_log << chunk->bytes << std::flush;
      take(console.feed(chunk->bytes));
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
  if (!console_log || !domain_log || !qemu_log) {
    throw Failure{"the logs of this run could not be written to the end; is the disk of {} full?",
                  files.console().parent_path().string()};
  }
  return {.ending = watch.over() ? Boot_ending::over : *ending,
          .qemu = status,
          .qemu_words = Completed{.status = status, .output = {}, .error = qemu_words}.last_words()};
}

}  // namespace enlighten::runner
