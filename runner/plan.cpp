// SPDX-License-Identifier: MIT
// From what was asked for on the command line to a boot that can be started.
#include <runner/plan.hpp>

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <runner/failure.hpp>
#include <runner/guest_plan.hpp>
#include <runner/xen_package.hpp>

namespace enlighten::runner {
namespace {

void check_number_of_guests(const Run_options& options, const std::vector<Guest>& guests) {
  if (guests.size() == 1) {
    return;
  }
  if (options.without_xen) {
    throw Failure{"--no-xen: without Xen there is one guest, not {}", guests.size()};
  }
  if (options.gdb) {
    throw Failure{
        "--gdb: a debugger sees the processors, where now one guest runs and now another; debug one alone"};
  }
}

}  // namespace

Boot plan_boot(const Run_options& options) {
  Boot boot{.guests = plan_guests(options),
            .channels = {},
            .xen = {},
            .xen_arguments = options.xen_arguments,
            .machine = {.beneath = options.without_xen ? Beneath::nothing : Beneath::xen,
                        .gic = static_cast<Gic>(options.gic),
                        .cpus = options.without_xen ? options.vcpus : options.pcpus,
                        .memory_mib = options.memory_mib},
            .timeout = std::chrono::seconds{options.timeout_seconds},
            .debugger = {}};
  check_number_of_guests(options, boot.guests);
  boot.channels = plan_channels(options, boot.guests);
  if (!options.without_xen) {
    const Module last = modules_of(boot.guests).back();
    boot.machine.memory_mib = machine_memory_mib(
        domains_of(boot.guests), last.address + std::max(last.bytes, boot.guests.back().image.extent()));
  }
  check_limits(boot.machine);
  for (const Guest& guest : boot.guests) {
    check_limits(boot.machine, guest.domain, guest.image.extent());
  }
  if (!options.without_xen) {
    boot.xen = find_xen(options.xen);
  }
  if (options.gdb) {
    // A person who looks at variables is not late.
    boot.timeout.reset();
    boot.debugger = Debugger{free_local_port()};
  }
  return boot;
}

std::string summary(const Boot& boot) {
  std::vector<std::string> guests;
  std::vector<std::string> memory;
  for (const Guest& guest : boot.guests) {
    guests.push_back(fmt::format("{} with {} vCPU{}", guest.domain.name, guest.domain.vcpus,
                                 guest.domain.vcpus == 1 ? "" : "s"));
    memory.push_back(std::to_string(guest.domain.memory_mib));
  }
  return fmt::format("{} {}, GICv{}, {} MiB", fmt::join(guests, " and "),
                     boot.xen ? "on " + boot.xen->name() : "without Xen", static_cast<unsigned>(boot.machine.gic),
                     fmt::join(memory, " + "));
}

std::string debugger_command(const Boot& boot, const Debugger& debugger) {
  const Guest_image& image = boot.guests.front().image;
  const std::uint64_t address = load_address(image, boot.machine.beneath);
  Command command{.words = {"gdb-multiarch", "-ex", "set architecture aarch64", "-ex",
                            fmt::format("target remote 127.0.0.1:{}", debugger.port)},
                  .environment = {},
                  .directory = {}};
  const auto execute = [&](std::string text) {
    command.words.insert(command.words.end(), {"-ex", std::move(text)});
  };
  if (image.symbols) {
    execute(
        fmt::format("add-symbol-file {} -o {:#x}", std::filesystem::absolute(*image.symbols).string(), address));
  }
  // In hardware, because the guest's memory is written after this.
  execute(fmt::format("thbreak *{:#x}", address));
  execute("continue");
  return command.text();
}

}  // namespace enlighten::runner
